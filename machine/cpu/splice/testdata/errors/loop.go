package errors

const (
	next = iota
	cold
)

func plain() {
	kind := new(int)
	for {
		switch dispatch(kind) {
		case next:
		case cold:
			return
		}
	}
}

func dispatch(*int) int { return next }
func other(k *int) int  { return cold }

func body(k *int, n int) int {
	v := find(k)
	if v == n {
		return cold
	}
	return next
}

func find(k *int) int {
	for i := range 3 {
		if *k == i {
			return i
		}
	}
	return 0
}

// error: loop.go:31:19: find: a return from inside a loop cannot be spliced
