// A channel that another goroutine fills is the promise of Go.
package main

import "greenlets-bench/measure"

const waits = 5_000

func soon() <-chan int {
	result := make(chan int, 1)
	go func() { result <- 1 }()
	return result
}

func main() {
	measure.Measure(waits, func() {
		for i := 0; i < waits; i++ {
			<-soon()
		}
	})
}
