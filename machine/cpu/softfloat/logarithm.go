package softfloat

// log2Table holds log2(i/64) for i from 45 to 91, that is around [√½, √2].
var log2Table = func() (t [92]wide) {
	step := func(i int64) wide { // log2((i+1)/i)
		return atanhSeries(wideInt(1).quotient(wideInt(2*i + 1))).mul(wideLog2E)
	}
	for i := int64(64); i < 91; i++ {
		t[i+1] = t[i].add(step(i))
	}
	for i := int64(63); i >= 45; i-- {
		t[i] = t[i+1].add(step(i).neg())
	}
	return t
}()

// atanhSeries gives 2 atanh(z) = ln((1+z)/(1-z)), |z| ≤ 1/85.
func atanhSeries(z wide) wide {
	if z.isZero() {
		return z
	}
	u := z.mul(z).fixed()
	var s fixedPoint
	for k := uint64(10); ; k-- {
		s = fixedOne.div(2*k + 1).add(u.mul(s))
		if k == 0 {
			break
		}
	}
	r := z.mul(s.wide(0, false))
	r.exp++
	return r
}

// log2 gives the binary logarithm of a positive number.
func log2(m wide) wide {
	e := m.exp
	m.exp = 0
	if m.hi > 0xb504f333f9de6484 { // √2: take m from [√½, √2)
		m.exp--
		e++
	}
	f := m.fixed()
	i := int64((f.hi>>(62-7) + 1) >> 1) // nearest multiple of 1/64
	c := wideInt(i)
	c.exp -= 6
	z := m.add(c.neg()).quotient(m.add(c))
	return wideInt(int64(e)).add(log2Table[i]).add(atanhSeries(z).mul(wideLog2E))
}

// Log80 gives y × log2(x) (FYL2X).
func (e *Env) Log80(y, x F80) F80 {
	b, a := unpack80(y), unpack80(x)
	if a.isNaN() || b.isNaN() {
		return e.pack80(e.propagate(a, b))
	}
	if a.sign && a.class != zero {
		return e.pack80(e.invalid())
	}
	isOne := a.class == finite && a.exp == 0 && a.sig == intBit
	switch {
	case a.class == infinity:
		if b.class == zero {
			return e.pack80(e.invalid())
		}
		e.operands(&a, &b)
		return e.pack80(num{class: infinity, sign: b.sign})
	case a.class == zero:
		if b.class == zero {
			return e.pack80(e.invalid())
		}
		if b.class == finite {
			e.Flags |= DivByZero
		}
		return e.pack80(num{class: infinity, sign: !b.sign})
	case b.class == infinity:
		if isOne {
			return e.pack80(e.invalid())
		}
		e.operands(&a, &b)
		return e.pack80(num{class: infinity, sign: b.sign != (a.exp < 0)})
	}
	e.operands(&a, &b)
	if b.class == zero {
		return e.pack80(num{sign: b.sign != (a.exp < 0)})
	}
	if isOne {
		return e.pack80(num{sign: b.sign})
	}
	if a.sig == intBit { // a power of two: the logarithm is an integer, but processors report it as inexact all the same
		e.Flags |= Inexact
		r := e.exactResult(wideInt(int64(a.exp)).mul(b.wide()))
		if r.Sig&intBit == 0 {
			e.Flags |= Underflow
		}
		return r
	}
	return e.inexactResult(log2(a.wide()).mul(b.wide()))
}

// Log1p80 gives y × log2(x+1) (FYL2XP1), which is defined for |x| < 1 - √½ and here for all x > -1.
func (e *Env) Log1p80(y, x F80) F80 {
	b, a := unpack80(y), unpack80(x)
	if a.isNaN() || b.isNaN() {
		return e.pack80(e.propagate(a, b))
	}
	switch {
	case a.class == infinity:
		if a.sign || b.class == zero {
			return e.pack80(e.invalid())
		}
		e.operands(&a, &b)
		return e.pack80(num{class: infinity, sign: b.sign})
	case b.class == infinity:
		if a.class == zero {
			return e.pack80(e.invalid())
		}
		e.operands(&a, &b)
		return e.pack80(num{class: infinity, sign: b.sign != a.sign})
	}
	e.operands(&a, &b)
	if a.class == zero || b.class == zero {
		return e.pack80(num{sign: a.sign != b.sign})
	}
	if a.sign && a.exp >= 0 { // x ≤ -1
		return e.pack80(e.invalid())
	}
	w := a.wide()
	var l wide
	if a.exp < -7 {
		two := wideInt(2)
		l = atanhSeries(w.quotient(two.add(w))).mul(wideLog2E)
	} else {
		l = log2(wideInt(1).add(w))
	}
	return e.inexactResult(l.mul(b.wide()))
}

// exp2Table holds 2^(i/32) for i from -32 to 32, at i+32.
var exp2Table = func() (t [65]wide) {
	ln := wideLn2
	ln.exp -= 5
	up := wideInt(1).add(expm1Series(ln))
	t[32] = wideInt(1)
	for i := 32; i < 64; i++ {
		t[i+1] = t[i].mul(up)
	}
	for i := range 32 {
		t[i] = t[i+32]
		t[i].exp--
	}
	return t
}()

// expm1Series gives e^t - 1, |t| ≤ ln(2)/32.
func expm1Series(t wide) wide {
	if t.isZero() {
		return t
	}
	f := t.fixed()
	s := fixedOne
	for k := uint64(18); k >= 2; k-- {
		p := f.mul(s).div(k)
		if t.sign {
			s = fixedOne.sub(p)
		} else {
			s = fixedOne.add(p)
		}
	}
	return t.mul(s.wide(0, false))
}

// Exp2m1 gives 2^a - 1 (F2XM1), which is defined for |a| ≤ 1; beyond, the operand comes back.
func (e *Env) Exp2m1(a F80) F80 {
	n := unpack80(a)
	switch {
	case n.isNaN():
		return e.pack80(e.propagate1(n))
	case n.class == infinity:
		if n.sign {
			return F80{intBit, 0x8000 | f80Bias}
		}
		return a
	case n.class == zero:
		return a
	}
	e.operand(&n)
	if n.exp >= 0 {
		e.Flags |= Inexact // also for the exact results at the ends
		if n.exp == 0 && n.sig == intBit {
			if n.sign {
				return F80{intBit, 0x8000 | (f80Bias - 1)}
			}
			return one80
		}
		return a
	}
	x := n.wide()
	if n.exp < -5 {
		return e.inexactResult(expm1Series(x.mul(wideLn2)))
	}
	// x = i/32 + f, f of the same sign.
	i := int64(n.sig >> uint(63-5-n.exp))
	if n.sign {
		i = -i
	}
	c := wideInt(i)
	c.exp -= 5
	power := exp2Table[32+i]
	rest := expm1Series(x.add(c.neg()).mul(wideLn2))
	return e.inexactResult(power.add(wideInt(1).neg()).add(power.mul(rest)))
}
