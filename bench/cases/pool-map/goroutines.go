// A goroutine for every item, ten at a time, as the pools of the other sides do.
package main

import (
	"greenlets-bench/measure"
	"sync"
)

const items, limit = 1_000, 10

func main() {
	measure.Measure(items, func() {
		results := make([]int, items)
		slots := make(chan struct{}, limit)
		var all sync.WaitGroup
		all.Add(items)
		for i := 0; i < items; i++ {
			slots <- struct{}{}
			go func(i int) {
				results[i] = i + 1
				<-slots
				all.Done()
			}(i)
		}
		all.Wait()
	})
}
