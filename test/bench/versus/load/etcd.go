package main

import (
	"context"
	"errors"
	"time"

	"go.etcd.io/etcd/clientv3"
)

const callTimeout = 10 * time.Second

// etcd through its own client. All callers share its one connection: measured with 4, 16 and 64,
// etcd was slower.
type etcdStore struct {
	client *clientv3.Client
}

func openEtcd(endpoint string) (store, error) {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{endpoint}, DialTimeout: callTimeout})
	if err != nil {
		return nil, err
	}
	return &etcdStore{client}, nil
}

func (s *etcdStore) Put(key string, value []byte) (int64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	answer, err := s.client.Put(ctx, key, string(value))
	if err != nil {
		return 0, err
	}
	return answer.Header.Revision, nil
}

func (s *etcdStore) Get(key string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	answer, err := s.client.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	if len(answer.Kvs) != 1 {
		return nil, errors.New("no such key: " + key)
	}
	return answer.Kvs[0].Value, nil
}
