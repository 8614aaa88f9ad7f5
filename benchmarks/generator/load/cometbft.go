package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
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
	waiting map[string]chan int
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
	nodes, err := cometNodes(endpoints)
	if err != nil {
		return nil, err
	}
	run := rand.Uint32()
	clients := make([]client, count)
	for i := range clients {
		// The key is put on top of the record's size, as with etcd.
		clients[i] = &cometClient{
			node:  nodes[i%len(nodes)],
			key:   fmt.Sprintf("%08x/%04d", run, i),
			value: filler(size),
		}
	}
	return clients, nil
}

// Submissions of our ledger as transactions, for its contracts as the application: the file that
// ledgerClients reads.
func cometLedgerClients(endpoints []string, path string, count int) ([]client, error) {
	nodes, err := cometNodes(endpoints)
	if err != nil {
		return nil, err
	}
	_, work, err := readWorkFile(path, count)
	if err != nil {
		return nil, err
	}
	doors := make([]door, len(nodes))
	for i, node := range nodes {
		doors[i] = node
	}
	clients := make([]client, count)
	for i := range clients {
		for at := range work[i] { // the ledger has more members than there are validators
			work[i][at].node %= len(nodes)
		}
		clients[i] = &ledgerClient{doors, work[i]}
	}
	return clients, nil
}

func cometNodes(endpoints []string) ([]*cometNode, error) {
	nodes := make([]*cometNode, len(endpoints))
	for i, endpoint := range endpoints {
		node := &cometNode{
			http:    node{address: endpoint},
			waiting: make(map[string]chan int),
		}
		if err := node.subscribe("ws://" + endpoint + "/websocket"); err != nil {
			return nil, err
		}
		nodes[i] = node
	}
	return nodes, nil
}

func (c *cometClient) once() (int, error) {
	c.next++
	_, err := c.node.settle([]byte(fmt.Sprintf("%s/%06d=%s", c.key, c.next, c.value)))
	return 1, err
}

// settle hands in a transaction and waits until it is in a block; returns how
// many records of it the application accepted, as far as it is one that says so.
func (n *cometNode) settle(tx []byte) (int, error) {
	final := make(chan int, 1)
	n.mutex.Lock()
	n.waiting[string(tx)] = final
	n.mutex.Unlock()
	if err := n.broadcast(tx); err != nil {
		n.mutex.Lock()
		delete(n.waiting, string(tx))
		n.mutex.Unlock()
		return 0, err
	}
	select {
	case found := <-final:
		return found, nil
	case <-time.After(30 * time.Second):
		return 0, errors.New("not in a block after 30 s")
	}
}

func (n *cometNode) broadcast(tx []byte) error {
	encoded := base64.StdEncoding.EncodeToString(tx)
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
					Finalized struct {
						Results []struct {
							Data []byte `json:"data"`
						} `json:"tx_results"`
					} `json:"result_finalize_block"`
				} `json:"value"`
			} `json:"data"`
		} `json:"result"`
	}
	if json.Unmarshal(data, &event) != nil {
		return
	}
	value := &event.Result.Data.Value
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for i, tx := range value.Block.Data.Txs {
		if final, ours := n.waiting[string(tx)]; ours {
			accepted := 0
			if i < len(value.Finalized.Results) && len(value.Finalized.Results[i].Data) == 2 {
				accepted = int(binary.BigEndian.Uint16(value.Finalized.Results[i].Data))
			}
			final <- accepted
			delete(n.waiting, string(tx))
		}
	}
}
