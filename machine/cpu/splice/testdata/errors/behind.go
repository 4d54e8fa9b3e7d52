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
	if *k == n && bump(k) {
		return cold
	}
	return next
}

func bump(k *int) bool {
	*k++
	return *k > 3
}

// error: behind.go:23:16: bump needs statements before this one, where there can be none
