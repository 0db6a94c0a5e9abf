package main

import (
	"context"
	"slices"
	"sync"
	"time"
)

// figures are of many sign-ins; times in milliseconds.
type figures struct{ rate, p50, p99 float64 }

// newPerson makes somebody with a browser of their own, and the n-th person's way through a sign-in of the app.
type newPerson func(ctx context.Context, p *provider, n int) (signIn, error)

// signIn is one sign-in of an app, from its request to the verified ID token.
type signIn func(context.Context) error

// measure lets people sign in at once, count times in all. What they do before the first time is not measured.
func measure(ctx context.Context, s subject, people, count int) (figures, error) {
	steps := make([]signIn, people)
	for i := range steps {
		step, err := s.person(ctx, s.provider, i)
		if err != nil {
			return figures{}, err
		}
		if err := step(ctx); err != nil { // the first fills caches
			return figures{}, err
		}
		steps[i] = step
	}
	began := time.Now()
	each, err := together(ctx, steps, count/people)
	took := time.Since(began)
	if err != nil {
		return figures{}, err
	}
	slices.Sort(each)
	at := func(share float64) float64 {
		return each[min(int(share*float64(len(each))), len(each)-1)].Seconds() * 1000
	}
	return figures{float64(len(each)) / took.Seconds(), at(.5), at(.99)}, nil
}

// together gives how long each sign-in took, and the first failure.
func together(ctx context.Context, steps []signIn, times int) (each []time.Duration, failed error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, step := range steps {
		all.Go(func() {
			for range times {
				began := time.Now()
				err := step(ctx)
				mu.Lock()
				each = append(each, time.Since(began))
				if failed == nil {
					failed = err
				}
				stop := failed != nil
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	all.Wait()
	return each, failed
}
