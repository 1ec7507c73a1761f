package main

import (
	"bufio"
	"greenlets-bench/measure"
	"net"
	"sync"
)

const room = 100

var (
	members = map[chan []byte]bool{}
	lock    sync.Mutex
)

func deliver(outbox <-chan []byte, connection net.Conn) {
	for line := range outbox {
		connection.Write(line)
	}
}

func serve(connection net.Conn) {
	defer connection.Close()
	outbox := make(chan []byte, room)
	go deliver(outbox, connection)
	lock.Lock()
	members[outbox] = true
	lock.Unlock()
	for lines := bufio.NewReader(connection); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		lock.Lock()
		for member := range members {
			member <- line
		}
		lock.Unlock()
	}
	lock.Lock()
	delete(members, outbox)
	close(outbox)
	lock.Unlock()
}

func main() {
	listener := measure.Listen()
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(connection)
		}
	}()
	measure.UnderLoad("chat", listener)
}
