package main

import "greenlets-bench/measure"

const spawns = 2_000

func work(x int, result chan<- int) {
	result <- x + 1
}

func main() {
	measure.Measure(spawns, func() {
		for i := 0; i < spawns; i++ {
			result := make(chan int, 1)
			go work(i, result)
			<-result
		}
	})
}
