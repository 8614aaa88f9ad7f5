package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"
)

// A node's HTTP server, and the connections to it that are free. Requests are bytes made before:
// a general HTTP client costs as much as what some of the systems spend on a record.
type node struct {
	address string
	mutex   sync.Mutex
	free    []*connection
}

type connection struct {
	net.Conn
	reader *bufio.Reader
}

func (n *node) ask(data []byte) (int, []byte, error) {
	conn, err := n.take()
	if err != nil {
		return 0, nil, err
	}
	status, body, err := conn.ask(data)
	if err != nil {
		conn.Close()
		return 0, nil, err
	}
	n.mutex.Lock()
	n.free = append(n.free, conn)
	n.mutex.Unlock()
	return status, body, nil
}

func (n *node) take() (*connection, error) {
	n.mutex.Lock()
	if last := len(n.free) - 1; last >= 0 {
		conn := n.free[last]
		n.free = n.free[:last]
		n.mutex.Unlock()
		return conn, nil
	}
	n.mutex.Unlock()
	conn, err := net.Dial("tcp", n.address)
	if err != nil {
		return nil, err
	}
	return &connection{conn, bufio.NewReaderSize(conn, 4096)}, nil
}

func (c *connection) ask(data []byte) (int, []byte, error) {
	if err := c.SetDeadline(time.Now().Add(90 * time.Second)); err != nil {
		return 0, nil, err
	}
	if _, err := c.Write(data); err != nil {
		return 0, nil, err
	}
	return c.answer()
}

// The answer of a server that gives lengths: no chunks, no interim answers.
func (c *connection) answer() (status int, body []byte, err error) {
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, nil, fmt.Errorf("no HTTP answer: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, err
	}
	length := -1
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return 0, nil, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		if bytes.EqualFold(name, []byte("content-length")) {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, nil, err
			}
		}
	}
	if length < 0 {
		return 0, nil, errors.New("an answer without Content-Length")
	}
	body = make([]byte, length)
	_, err = io.ReadFull(c.reader, body)
	return status, body, err
}
