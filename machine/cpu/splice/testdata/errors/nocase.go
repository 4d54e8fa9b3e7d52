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
	return n
}

// error: nocase.go:22:1: body returns 3, for which the skeleton has no case
