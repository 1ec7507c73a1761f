package main

import (
	"fmt"
	"greenlets-bench/measure"
	"time"
)

const goroutines, depth = 10_000, 4

//go:noinline
func suspend(event <-chan bool, depth int) bool {
	if depth == 1 {
		return <-event
	}
	return suspend(event, depth-1) && true
}

func main() {
	event := make(chan bool)
	before := measure.Occupied()
	for i := 0; i < goroutines; i++ {
		go suspend(event, depth)
	}
	time.Sleep(50 * time.Millisecond)
	fmt.Printf("{\"bytes_per_op\": %d}\n", (measure.Occupied()-before)/goroutines)
}
