package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	messageSubmissions = 256     // the most a node takes in one message
	messageBytes       = 1 << 20 // a message is cut here
	unanswered         = 2048    // on one stream; a node takes twice as many
	patience           = 90 * time.Second
)

// A node's stream of submissions. What waits when a message leaves travels in it.
type stream struct {
	socket  *websocket.Conn
	waiting chan *handed
	room    chan struct{}

	mutex sync.Mutex
	next  int
	sent  map[int]*handed
}

type handed struct {
	data   []byte
	answer chan answer
}

type answer struct {
	accepted int
	err      error
}

func openStream(at nodeAddress) (*stream, error) {
	header := http.Header{"Authorization": {"Bearer " + at.Token}}
	socket, _, err := websocket.DefaultDialer.Dial("ws://"+at.Address+"/v1/stream", header)
	if err != nil {
		return nil, err
	}
	s := &stream{
		socket:  socket,
		waiting: make(chan *handed, unanswered),
		room:    make(chan struct{}, unanswered),
		sent:    make(map[int]*handed),
	}
	go s.write()
	go s.read()
	return s, nil
}

func (s *stream) settle(data []byte) (int, error) {
	s.room <- struct{}{}
	defer func() { <-s.room }()
	h := &handed{data, make(chan answer, 1)}
	s.waiting <- h
	select {
	case found := <-h.answer:
		return found.accepted, found.err
	case <-time.After(patience):
		return 0, fmt.Errorf("no answer after %s", patience)
	}
}

func (s *stream) write() {
	for first := range s.waiting {
		message := []*handed{first}
		size := len(first.data)
		for len(message) < messageSubmissions && size < messageBytes {
			select {
			case more := <-s.waiting:
				message = append(message, more)
				size += len(more.data)
				continue
			default:
			}
			break
		}
		s.mutex.Lock()
		for _, h := range message {
			s.sent[s.next] = h
			s.next++
		}
		s.mutex.Unlock()
		if err := s.socket.WriteMessage(websocket.BinaryMessage, packed(message)); err != nil {
			s.fail(err)
		}
	}
}

// The msgpack array of byte strings, in shortest form.
func packed(message []*handed) []byte {
	var out []byte
	if count := len(message); count < 16 {
		out = append(out, 0x90|byte(count))
	} else {
		out = binary.BigEndian.AppendUint16(append(out, 0xdc), uint16(count))
	}
	for _, h := range message {
		switch size := len(h.data); {
		case size < 1<<8:
			out = append(out, 0xc4, byte(size))
		case size < 1<<16:
			out = binary.BigEndian.AppendUint16(append(out, 0xc5), uint16(size))
		default:
			out = binary.BigEndian.AppendUint32(append(out, 0xc6), uint32(size))
		}
		out = append(out, h.data...)
	}
	return out
}

func (s *stream) read() {
	for {
		_, data, err := s.socket.ReadMessage()
		if err != nil {
			s.fail(err)
			return
		}
		var answers []struct {
			Number     int             `json:"number"`
			Submission json.RawMessage `json:"submission"`
			Problem    *struct {
				Status int    `json:"status"`
				Detail string `json:"detail"`
			} `json:"problem"`
		}
		if err := json.Unmarshal(data, &answers); err != nil {
			s.fail(err)
			return
		}
		for _, each := range answers {
			found := answer{accepted: acceptedIn(each.Submission)}
			if problem := each.Problem; problem != nil && problem.Status == 503 {
				found.err = errBusy
			} else if problem != nil {
				found.err = fmt.Errorf("status %d: %s", problem.Status, problem.Detail)
			}
			s.tell(each.Number, found)
		}
	}
}

func (s *stream) tell(number int, found answer) {
	s.mutex.Lock()
	h := s.sent[number]
	delete(s.sent, number)
	s.mutex.Unlock()
	if h != nil {
		h.answer <- found
	}
}

// The stream is over: whoever waits is told why.
func (s *stream) fail(err error) {
	s.mutex.Lock()
	sent := s.sent
	s.sent = make(map[int]*handed)
	s.mutex.Unlock()
	for _, h := range sent {
		h.answer <- answer{err: err}
	}
}
