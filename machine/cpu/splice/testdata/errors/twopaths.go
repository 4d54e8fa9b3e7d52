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
	v := pick(k)
	if v == n {
		return cold
	}
	return next
}

func pick(k *int) int {
	if *k > 1 {
		if *k > 2 {
			return 7
		}
		*k = 1
	} else {
		if *k > 0 {
			return 8
		}
	}
	return *k
}

// error: twopaths.go:31:2: pick: one path of this if returns while another goes on: put what follows into its else
