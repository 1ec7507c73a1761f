package main

import (
	"greenlets-bench/measure"
	"time"
)

const calls = 5_000

func main() {
	measure.Measure(calls, func() {
		for i := 0; i < calls; i++ {
			done := make(chan bool, 1)
			go func() { done <- true }()
			limit := time.NewTimer(time.Second)
			select {
			case <-done:
			case <-limit.C:
			}
			limit.Stop()
		}
	})
}
