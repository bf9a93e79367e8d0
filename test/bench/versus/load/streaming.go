package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Statecraft's stream (docs/streaming.md): all callers share one connection. What callers ask for
// while a message is being sent goes into the next one, together.
type streamStore struct {
	connection *websocket.Conn
	// Calls under way, by request number: as many as the server permits.
	calls []chan streamAnswer
	free  chan uint32

	mutex     sync.Mutex
	waiting   []byte
	spare     []byte
	isSending bool
	failure   error
}

type streamAnswer struct {
	revision int64
	value    []byte
	err      error
}

const (
	kindHello   = 0x01
	kindWrite   = 0x10
	kindGet     = 0x11
	kindWelcome = 0x81
	kindWritten = 0x90
	kindValue   = 0x92

	// Length, kind and request.
	frameHead = 9
	// The server pings every 20 seconds: longer than this, and nobody is there.
	silenceMax  = time.Minute
	bufferBytes = 1 << 19
)

func openStream(endpoint string) (store, error) {
	dialer := websocket.Dialer{
		Subprotocols:    []string{"statecraft.v1"},
		ReadBufferSize:  bufferBytes,
		WriteBufferSize: bufferBytes,
	}
	url := "ws" + strings.TrimPrefix(endpoint, "http") + "/v1/stream"
	connection, _, err := dialer.Dial(url, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	opened := &streamStore{connection: connection}
	hello := frame(nil, kindHello, 0, func(body []byte) []byte {
		return append(append(body, 4), "load\x00\x00"...)
	})
	if err = connection.WriteMessage(websocket.BinaryMessage, hello); err != nil {
		return nil, err
	}
	_, welcome, err := connection.ReadMessage()
	if err != nil {
		return nil, err
	}
	if len(welcome) < frameHead+8 || welcome[4] != kindWelcome {
		return nil, fmt.Errorf("no welcome: %x", welcome)
	}
	underWayMax := binary.BigEndian.Uint32(welcome[frameHead+4:])
	opened.calls = make([]chan streamAnswer, underWayMax)
	opened.free = make(chan uint32, underWayMax)
	for request := range opened.calls {
		opened.calls[request] = make(chan streamAnswer, 1)
		opened.free <- uint32(request)
	}
	connection.SetPingHandler(func(data string) error {
		opened.heard()
		return connection.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
	})
	opened.heard()
	go opened.receive()
	return opened, nil
}

// Appends a frame to what is there.
func frame(to []byte, kind byte, request uint32, body func([]byte) []byte) []byte {
	start := len(to)
	to = append(to, 0, 0, 0, 0, kind, 0, 0, 0, 0)
	binary.BigEndian.PutUint32(to[start+5:], request)
	to = body(to)
	binary.BigEndian.PutUint32(to[start:], uint32(len(to)-start-4))
	return to
}

func (s *streamStore) Put(key string, value []byte) (int64, error) {
	var length [binary.MaxVarintLen64]byte
	keyLength := length[:binary.PutUvarint(length[:], uint64(len(key)))]
	answer := s.call(kindWrite, func(body []byte) []byte {
		// No deadline, no session; then the command: version 1, put, no condition.
		body = append(body, make([]byte, 4+3*8)...)
		body = append(append(body, 1, 0, 0), keyLength...)
		return append(append(body, key...), value...)
	})
	return answer.revision, answer.err
}

func (s *streamStore) Get(key string) ([]byte, error) {
	answer := s.call(kindGet, func(body []byte) []byte {
		return append(append(body, 0, 0, 0, 0, 0), key...)
	})
	return answer.value, answer.err
}

func (s *streamStore) call(kind byte, body func([]byte) []byte) streamAnswer {
	request := <-s.free
	s.mutex.Lock()
	if s.failure != nil {
		defer s.mutex.Unlock()
		return streamAnswer{err: s.failure}
	}
	s.waiting = frame(s.waiting, kind, request, body)
	sends := !s.isSending
	s.isSending = true
	s.mutex.Unlock()
	if sends {
		// Others that were answered at the same time join in first.
		runtime.Gosched()
		if s.send() {
			go func() {
				for s.send() {
				}
			}()
		}
	}
	answer := <-s.calls[request]
	s.free <- request
	return answer
}

// Sends what waits as one message; true when there is more by then. Only one at a time does this.
func (s *streamStore) send() bool {
	s.mutex.Lock()
	message := s.waiting
	s.waiting, s.spare = s.spare[:0], nil
	s.mutex.Unlock()
	if err := s.connection.WriteMessage(websocket.BinaryMessage, message); err != nil {
		s.fail(err)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.spare = message
	s.isSending = len(s.waiting) > 0
	return s.isSending
}

func (s *streamStore) heard() {
	_ = s.connection.SetReadDeadline(time.Now().Add(silenceMax))
}

func (s *streamStore) receive() {
	message := make([]byte, 0, bufferBytes)
	for {
		_, reader, err := s.connection.NextReader()
		if err == nil {
			message, err = readInto(message[:0], reader)
		}
		if err == nil {
			err = s.answer(message)
		}
		if err != nil {
			s.fail(err)
			return
		}
		s.heard()
	}
}

func readInto(message []byte, reader io.Reader) ([]byte, error) {
	for {
		if len(message) == cap(message) {
			message = append(message, 0)[:len(message)]
		}
		length, err := reader.Read(message[len(message):cap(message)])
		message = message[:len(message)+length]
		if err == io.EOF {
			return message, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// Gives each frame to who waits for it.
func (s *streamStore) answer(message []byte) error {
	for len(message) > 0 {
		if len(message) < frameHead {
			return fmt.Errorf("half a frame: %x", message)
		}
		length := int(binary.BigEndian.Uint32(message)) + 4
		if length < frameHead || length > len(message) {
			return fmt.Errorf("a frame of %d bytes in a message that has %d left", length, len(message))
		}
		request := binary.BigEndian.Uint32(message[5:])
		if int(request) >= len(s.calls) {
			return fmt.Errorf("an answer to request %d", request)
		}
		s.calls[request] <- answerOf(message[4], message[frameHead:length])
		message = message[length:]
	}
	return nil
}

// The fields are of a buffer that is used again.
func answerOf(kind byte, fields []byte) streamAnswer {
	if (kind != kindWritten && kind != kindValue) || len(fields) < 24 {
		return streamAnswer{err: fmt.Errorf("answered %#x: %q", kind, fields)}
	}
	answer := streamAnswer{revision: int64(binary.BigEndian.Uint64(fields[16:]))}
	if kind == kindValue {
		answer.value = append(answer.value, fields[24:]...)
	}
	return answer
}

func (s *streamStore) fail(err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.failure != nil {
		return
	}
	s.failure = err
	for _, call := range s.calls {
		select {
		case call <- streamAnswer{err: err}:
		default:
		}
	}
}
