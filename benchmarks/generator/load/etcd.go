package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// Connections to all nodes together: what etcd's own benchmark uses for its highest figures.
const etcdConnections = 100

type etcdClient struct {
	to    *clientv3.Client
	key   string
	next  int
	value string
	batch int
}

// Puts of new keys, each acknowledged when a majority has it on disk; batch: puts a transaction, which
// happen together or not at all, 1 for plain puts.
func etcdClients(endpoints []string, count, size, batch int) ([]client, error) {
	conns := make([]*clientv3.Client, min(count, etcdConnections))
	for i := range conns {
		// One node a connection: the client would otherwise choose, and choose again.
		conn, err := clientv3.New(clientv3.Config{
			Endpoints:   []string{endpoints[i%len(endpoints)]},
			DialTimeout: 5 * time.Second,
		})
		if err != nil {
			return nil, err
		}
		conns[i] = conn
	}
	run := rand.Uint32()
	clients := make([]client, count)
	for i := range clients {
		clients[i] = &etcdClient{
			to:    conns[i%len(conns)],
			key:   fmt.Sprintf("%08x/%04d", run, i),
			value: filler(size),
			batch: batch,
		}
	}
	return clients, nil
}

func (c *etcdClient) once() (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if c.batch == 1 {
		_, err := c.to.Put(ctx, c.newKey(), c.value)
		return 1, err
	}
	puts := make([]clientv3.Op, c.batch)
	for i := range puts {
		puts[i] = clientv3.OpPut(c.newKey(), c.value)
	}
	_, err := c.to.Txn(ctx).Then(puts...).Commit()
	return c.batch, err
}

func (c *etcdClient) newKey() string {
	c.next++
	return fmt.Sprintf("%s/%06d", c.key, c.next)
}

// Bytes of a record that do not compress.
func filler(size int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	out := make([]byte, size)
	for i := range out {
		out[i] = letters[rand.IntN(len(letters))]
	}
	return string(out)
}
