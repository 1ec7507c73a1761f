// Go has no unbounded channel; one with room for every item is what a program uses in its place.
package main

import "greenlets-bench/measure"

const items = 10_000

func main() {
	measure.Measure(items, func() {
		queue := make(chan int, items)
		for i := 0; i < items; i++ {
			queue <- i
		}
		for i := 0; i < items; i++ {
			<-queue
		}
	})
}
