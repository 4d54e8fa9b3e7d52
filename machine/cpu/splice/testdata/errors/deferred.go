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
	defer dispatch(k)
	return next
}

// error: deferred.go:23:2: *ast.DeferStmt cannot be spliced
