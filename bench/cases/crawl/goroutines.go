package main

import (
	"greenlets-bench/measure"
	"io"
	"net/http"
	"os"
	"regexp"
	"sync"
)

const pages, atOnce = 2_000, 50

var (
	site   = os.Getenv("BENCH_URL")
	links  = regexp.MustCompile(`href="([^"]+)"`)
	client = http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}
)

type crawl struct {
	seen  map[string]bool
	lock  sync.Mutex
	slots chan bool
	all   sync.WaitGroup
}

func (c *crawl) visit(path string) {
	defer c.all.Done()
	c.slots <- true
	response, err := client.Get(site + path)
	if err != nil {
		panic(err)
	}
	page, err := io.ReadAll(response.Body)
	if err != nil {
		panic(err)
	}
	response.Body.Close()
	<-c.slots
	for _, link := range links.FindAllSubmatch(page, -1) {
		c.follow(string(link[1]))
	}
}

func (c *crawl) follow(path string) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.seen[path] {
		return
	}
	c.seen[path] = true
	c.all.Add(1)
	go c.visit(path)
}

func main() {
	measure.Measure(pages, func() {
		c := crawl{seen: map[string]bool{}, slots: make(chan bool, atOnce)}
		c.follow("/0")
		c.all.Wait()
		if len(c.seen) != pages {
			panic("pages are missing")
		}
	})
}
