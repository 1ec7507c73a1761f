package main

import (
	"greenlets-bench/measure"
	"io"
	"net/http"
	"runtime"
)

func main() {
	listener := measure.Listen()
	go http.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
		runtime.Gosched()
		io.WriteString(response, "hello world")
	}))
	measure.UnderLoad("http", listener)
}
