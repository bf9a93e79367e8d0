package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Statecraft over HTTP, with the client that comes with Go: a connection for each call under way.
type httpStore struct {
	base   string
	client *http.Client
}

func openHTTP(endpoint string) store {
	transport := &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: 4096, DisableCompression: true}
	client := &http.Client{Transport: transport, Timeout: callTimeout}
	return &httpStore{base: endpoint + "/v1/kv/", client: client}
}

func (s *httpStore) Put(key string, value []byte) (int64, error) {
	request, err := http.NewRequest(http.MethodPut, s.base+key, bytes.NewReader(value))
	if err != nil {
		return 0, err
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return 0, err
	}
	if _, err = body(answer); err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.Trim(answer.Header.Get("Etag"), `"`), 10, 64)
}

func (s *httpStore) Get(key string) ([]byte, error) {
	answer, err := s.client.Get(s.base + key)
	if err != nil {
		return nil, err
	}
	return body(answer)
}

// The body has to be read whole, or the connection is not used again.
func body(answer *http.Response) ([]byte, error) {
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %s", answer.Status)
	}
	return read, err
}
