package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// A node, and who waits for which transaction in its blocks.
type cometNode struct {
	http    node
	mutex   sync.Mutex
	waiting map[string]chan struct{}
}

type cometClient struct {
	node  *cometNode
	key   string
	next  int
	value string
}

// Transactions "key=value" for the kvstore application. One is final for its client when the
// client's node says so in a new block: one subscription a node, shared by its clients, which
// costs the node less than a subscription a transaction.
func cometClients(endpoints []string, count, size int) ([]client, error) {
	nodes := make([]*cometNode, len(endpoints))
	for i, endpoint := range endpoints {
		node := &cometNode{
			http:    node{address: endpoint},
			waiting: make(map[string]chan struct{}),
		}
		if err := node.subscribe("ws://" + endpoint + "/websocket"); err != nil {
			return nil, err
		}
		nodes[i] = node
	}
	run := rand.Uint32()
	clients := make([]client, count)
	for i := range clients {
		// The key's length is part of the transaction's; the record is the value.
		clients[i] = &cometClient{
			node:  nodes[i%len(nodes)],
			key:   fmt.Sprintf("%08x/%04d", run, i),
			value: filler(size),
		}
	}
	return clients, nil
}

func (c *cometClient) once() (int, error) {
	c.next++
	tx := fmt.Sprintf("%s/%06d=%s", c.key, c.next, c.value)
	final := make(chan struct{})
	c.node.mutex.Lock()
	c.node.waiting[tx] = final
	c.node.mutex.Unlock()
	if err := c.node.broadcast(tx); err != nil {
		c.node.mutex.Lock()
		delete(c.node.waiting, tx)
		c.node.mutex.Unlock()
		return 0, err
	}
	select {
	case <-final:
		return 1, nil
	case <-time.After(30 * time.Second):
		return 0, errors.New("not in a block after 30 s")
	}
}

func (n *cometNode) broadcast(tx string) error {
	encoded := base64.StdEncoding.EncodeToString([]byte(tx))
	body := `{"jsonrpc":"2.0","id":1,"method":"broadcast_tx_sync","params":{"tx":"` + encoded + `"}}`
	request := fmt.Sprintf("POST / HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\n\r\n%s", n.http.address, len(body), body)
	_, said, err := n.http.ask([]byte(request))
	if err != nil {
		return err
	}
	if !bytes.Contains(said, []byte(`"code":0`)) {
		if bytes.Contains(said, []byte("mempool is full")) {
			return errBusy
		}
		return fmt.Errorf("broadcast_tx_sync: %.200s", said)
	}
	return nil
}

func (n *cometNode) subscribe(url string) error {
	socket, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		return err
	}
	const ask = `{"jsonrpc":"2.0","id":0,"method":"subscribe","params":{"query":"tm.event='NewBlock'"}}`
	if err := socket.WriteMessage(websocket.TextMessage, []byte(ask)); err != nil {
		return err
	}
	go func() {
		for {
			_, data, err := socket.ReadMessage()
			if err != nil {
				return // its clients time out, and say so
			}
			n.hear(data)
		}
	}()
	return nil
}

func (n *cometNode) hear(data []byte) {
	var event struct {
		Result struct {
			Data struct {
				Value struct {
					Block struct {
						Data struct {
							Txs [][]byte `json:"txs"`
						} `json:"data"`
					} `json:"block"`
				} `json:"value"`
			} `json:"data"`
		} `json:"result"`
	}
	if json.Unmarshal(data, &event) != nil {
		return
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for _, tx := range event.Result.Data.Value.Block.Data.Txs {
		if final, ours := n.waiting[string(tx)]; ours {
			close(final)
			delete(n.waiting, string(tx))
		}
	}
}
