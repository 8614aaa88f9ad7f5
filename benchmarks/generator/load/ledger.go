package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// One signed submission, the node it is for, and the records of it that must be accepted.
type submission struct {
	node    int
	records int
	bytes   []byte
}

// A door takes a submission in and answers when it is final.
type door interface {
	// settle returns how many records were accepted. errBusy: there was no room.
	settle(data []byte) (accepted int, err error)
}

type ledgerClient struct {
	doors []door
	work  []submission
}

// Where a node takes submissions.
type nodeAddress struct {
	Address string `json:"address"`
	Token   string `json:"token"`
}

// The work file: a line of JSON with the nodes, then for each submission, in the order in which its
// client hands it in: client, node, records and length as little-endian u32, and the bytes. Signed
// before the clock starts: a signature is its author's cost, not the ledger's.
//
// streams: connections to each node over which its clients' submissions travel together; 0 for a
// request each.
func ledgerClients(path string, count, streams int) ([]client, error) {
	nodes, work, err := readWorkFile(path, count)
	if err != nil {
		return nil, err
	}
	clients := make([]client, count)
	shared := make([][]door, max(1, streams))
	for i := range shared {
		if shared[i], err = doorsOf(nodes, streams > 0); err != nil {
			return nil, err
		}
	}
	for i := range clients {
		clients[i] = &ledgerClient{shared[i%len(shared)], work[i]}
	}
	return clients, nil
}

func doorsOf(nodes []nodeAddress, streams bool) (doors []door, err error) {
	for _, at := range nodes {
		if !streams {
			doors = append(doors, requestDoor{&node{address: at.Address}, at})
			continue
		}
		stream, err := openStream(at)
		if err != nil {
			return nil, err
		}
		doors = append(doors, stream)
	}
	return doors, nil
}

func readWorkFile(path string, clients int) ([]nodeAddress, [][]submission, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	reader := bufio.NewReaderSize(file, 1<<20)
	line, err := reader.ReadBytes('\n')
	if err != nil {
		return nil, nil, err
	}
	var nodes []nodeAddress
	if err := json.Unmarshal(line, &nodes); err != nil {
		return nil, nil, err
	}
	work, err := readWork(reader, clients, len(nodes))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return nodes, work, nil
}

func readWork(reader io.Reader, clients, nodes int) ([][]submission, error) {
	work := make([][]submission, clients)
	for {
		var head struct{ Client, Node, Records, Length uint32 }
		if err := binary.Read(reader, binary.LittleEndian, &head); errors.Is(err, io.EOF) {
			return work, nil
		} else if err != nil {
			return nil, err
		}
		if int(head.Client) >= clients || int(head.Node) >= nodes {
			return nil, fmt.Errorf("client %d, node %d", head.Client, head.Node)
		}
		data := make([]byte, head.Length)
		if _, err := io.ReadFull(reader, data); err != nil {
			return nil, err
		}
		one := submission{int(head.Node), int(head.Records), data}
		work[head.Client] = append(work[head.Client], one)
	}
}

func (c *ledgerClient) once() (int, error) {
	if len(c.work) == 0 {
		return 0, errOutOfWork
	}
	next := c.work[0]
	accepted, err := c.doors[next.node].settle(next.bytes)
	if errors.Is(err, errBusy) {
		return 0, err
	}
	c.work = c.work[1:]
	if err == nil && accepted != next.records {
		err = fmt.Errorf("%d of %d accepted", accepted, next.records)
	}
	return accepted, err
}

// A request for each submission, answered when it is final.
type requestDoor struct {
	node *node
	at   nodeAddress
}

func (d requestDoor) settle(data []byte) (int, error) {
	head := fmt.Sprintf("POST /v1/submissions?wait=60 HTTP/1.1\r\nHost: %s\r\n"+
		"Authorization: Bearer %s\r\nContent-Type: application/msgpack\r\n"+
		"Content-Length: %d\r\n\r\n", d.at.Address, d.at.Token, len(data))
	status, body, err := d.node.ask(append([]byte(head), data...))
	switch {
	case err != nil:
		return 0, err
	case status == 503:
		return 0, errBusy
	case status != 200:
		return 0, fmt.Errorf("status %d: %.300s", status, body)
	}
	return acceptedIn(body), nil
}

// Records that an answer calls accepted.
func acceptedIn(answer []byte) int {
	return bytes.Count(answer, []byte(`"outcome":"accepted"`))
}
