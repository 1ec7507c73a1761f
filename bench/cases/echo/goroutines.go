package main

import (
	"greenlets-bench/measure"
	"net"
)

func echo(connection net.Conn) {
	defer connection.Close()
	chunk := make([]byte, 65536)
	for {
		count, err := connection.Read(chunk)
		if err != nil {
			return
		}
		if _, err := connection.Write(chunk[:count]); err != nil {
			return
		}
	}
}

func main() {
	listener := measure.Listen()
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go echo(connection)
		}
	}()
	measure.UnderLoad("echo", listener)
}
