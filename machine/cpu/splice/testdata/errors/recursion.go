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
	if again(k) {
		return cold
	}
	return next
}

func again(k *int) bool { return again(k) }

// error: recursion.go:29:34: again calls itself
