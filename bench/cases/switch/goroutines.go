// Two goroutines that take turns on one processor.
package main

import (
	"greenlets-bench/measure"
	"runtime"
	"sync"
)

const roundTrips = 10_000

func main() {
	measure.Measure(2*roundTrips, func() {
		var both sync.WaitGroup
		both.Add(2)
		for i := 0; i < 2; i++ {
			go func() {
				for j := 0; j < roundTrips; j++ {
					runtime.Gosched()
				}
				both.Done()
			}()
		}
		both.Wait()
	})
}
