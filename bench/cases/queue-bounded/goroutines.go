package main

import (
	"greenlets-bench/measure"
	"sync"
)

const items = 5_000

func main() {
	measure.Measure(items, func() {
		queue := make(chan int, 1)
		var both sync.WaitGroup
		both.Add(2)
		go func() {
			for i := 0; i < items; i++ {
				queue <- i
			}
			both.Done()
		}()
		go func() {
			for i := 0; i < items; i++ {
				<-queue
			}
			both.Done()
		}()
		both.Wait()
	})
}
