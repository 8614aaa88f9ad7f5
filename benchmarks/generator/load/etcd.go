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
}

// Plain puts of new keys, each acknowledged when a majority has it on disk.
func etcdClients(endpoints []string, count, size int) ([]client, error) {
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
		}
	}
	return clients, nil
}

func (c *etcdClient) once() (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c.next++
	_, err := c.to.Put(ctx, fmt.Sprintf("%s/%06d", c.key, c.next), c.value)
	return 1, err
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
