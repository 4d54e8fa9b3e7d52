package code

// What stores to decoded bytes tell about a page: that it is being filled with something else, which drops it as a whole, or that the same few
// instructions are changed again and again, which are then not worth keeping. See RATIONALE.md.
const (
	// patchMost is the largest piece, in bytes, that may be a change of code in place. What is larger replaces it.
	patchMost = 16
	// sweepRun is how many stores in a row, each where the last one ended, are a sweep over the page.
	sweepRun = 8
	// hitsMost is how many stores may hit blocks of the page while none is decoded.
	hitsMost = 16

	// changedStep is added to the score of bytes that were changed, up to scoreMost; 1 is taken from it when they are decoded for one execution only.
	// From unsteadyScore on they are.
	changedStep   = 8
	scoreMost     = 64
	unsteadyScore = 16
)

type writes struct {
	lo, hi uint // the last store
	run    int  // how many have followed each other upwards, or downwards where it is negative
	hits   int  // stores that dropped blocks since one was decoded

	changed  [8]change
	unsteady int // how many scores are at unsteadyScore or above
}

// change is bytes of decoded instructions that stores have changed.
type change struct {
	lo, hi uint16
	score  uint8
}

// follow notes a store, for sweeps.
func (w *writes) follow(lo, hi uint) {
	switch {
	case lo == w.hi && w.run >= 0:
		w.run++
	case hi == w.lo && w.run <= 0:
		w.run--
	default:
		w.run = 0
	}
	w.lo, w.hi = lo, hi
}

// replaces reports whether the last store, of decoded bytes, is one of those that replace what the page holds.
func (w *writes) replaces() bool {
	return w.hi-w.lo > patchMost || w.run >= sweepRun || w.run <= -sweepRun || w.hits > hitsMost
}

// note raises the score of bytes of dropped blocks that were changed. Where there is no room for them, all others lose as much: what remains is what
// is changed most.
func (w *writes) note(lo, hi uint) {
	free := -1
	for i := range w.changed {
		c := &w.changed[i]
		if c.score == 0 {
			free = i
		} else if uint(c.lo) == lo && uint(c.hi) == hi { // so that no block holds bytes of what becomes unsteady
			w.raise(c)
			return
		}
	}
	if free >= 0 {
		w.changed[free] = change{uint16(lo), uint16(hi), changedStep}
		return
	}
	for i := range w.changed {
		w.lower(&w.changed[i], changedStep)
	}
}

func (c *change) overlaps(lo, hi uint) bool { return uint(c.lo) < hi && lo < uint(c.hi) }

func (w *writes) raise(c *change) {
	if c.score < unsteadyScore && c.score+changedStep >= unsteadyScore {
		w.unsteady++
	}
	c.score = min(c.score+changedStep, scoreMost)
}

func (w *writes) lower(c *change, by uint8) {
	by = min(by, c.score)
	if c.score >= unsteadyScore && c.score-by < unsteadyScore {
		w.unsteady--
	}
	c.score -= by
}

// unsteadyIn returns bytes that change all the time of which some are in [lo, hi), or nil.
func (w *writes) unsteadyIn(lo, hi uint) *change {
	if w.unsteady == 0 {
		return nil
	}
	for i := range w.changed {
		if c := &w.changed[i]; c.score >= unsteadyScore && c.overlaps(lo, hi) {
			return c
		}
	}
	return nil
}
