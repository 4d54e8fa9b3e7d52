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
	*k = print1(k) + bump(k)
	return next
}

func bump(k *int) int {
	*k++
	return *k
}

var print1 = func(*int) int { return 0 }

// error: order.go:23:19: bump needs statements before this one, which has called something already: make it a statement
