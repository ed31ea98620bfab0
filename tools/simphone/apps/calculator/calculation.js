"use strict";
// Arithmetic on exact fractions: a number is {n, d}, two BigInts, d > 0. Roots that are no fraction are taken to 60 decimal places.
const calculation = (() => {
  const LIMIT = 4000; // digits of the longest number that is worked with
  const ROOT_SCALE = 10n ** 60n;
  const PI = { n: 3141592653589793238462643383279502884197169399375105820974944n, d: 10n ** 60n };
  const E = { n: 2718281828459045235360287471352662497757247093699959574966967n, d: 10n ** 60n };

  class Wrong extends Error {}

  function divisor(a, b) {
    let [x, y] = [a < 0n ? -a : a, b];
    while (y) [x, y] = [y, x % y];
    return x || 1n;
  }

  function fraction(n, d = 1n) {
    if (d === 0n) throw new Wrong("Can't divide by zero");
    const sign = d < 0n ? -1n : 1n;
    const common = divisor(n, d * sign);
    const made = { n: (n * sign) / common, d: (d * sign) / common };
    if (made.n.toString().length > LIMIT || made.d.toString().length > LIMIT) throw new Wrong("Number too large");
    return made;
  }

  const add = (a, b) => fraction(a.n * b.d + b.n * a.d, a.d * b.d);
  const negative = (a) => ({ n: -a.n, d: a.d });
  const times = (a, b) => fraction(a.n * b.n, a.d * b.d);
  const divide = (a, b) => fraction(a.n * b.d, a.d * b.n);

  function wholeRoot(value) {
    if (value < 2n) return value;
    let guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
    for (;;) {
      const next = (guess + value / guess) >> 1n;
      if (next >= guess) return guess;
      guess = next;
    }
  }

  function root(a) {
    if (a.n < 0n) throw new Wrong("Not a real number");
    const [n, d] = [wholeRoot(a.n), wholeRoot(a.d)];
    if (n * n === a.n && d * d === a.d) return fraction(n, d);
    return fraction(wholeRoot((a.n * ROOT_SCALE * ROOT_SCALE) / a.d), ROOT_SCALE);
  }

  function power(a, b) {
    if (b.d === 2n) return root(power(a, fraction(b.n)));
    if (b.d !== 1n) {
      const value = Math.pow(Number(a.n) / Number(a.d), Number(b.n) / Number(b.d));
      if (!Number.isFinite(value)) throw new Wrong("Not a real number");
      return decimal(value.toPrecision(15));
    }
    const size = b.n < 0n ? -b.n : b.n;
    if (b.n < 0n && a.n === 0n) throw new Wrong("Can't divide by zero");
    const digits = Math.max(a.n.toString().length, a.d.toString().length);
    if (size * BigInt(digits) > BigInt(LIMIT * 2) && a.n !== 0n && a.n !== 1n && a.n !== -1n) throw new Wrong("Number too large");
    if (size > 100000n) throw new Wrong("Number too large");
    return b.n < 0n ? fraction(a.d ** size, a.n ** size) : fraction(a.n ** size, a.d ** size);
  }

  function factorial(a) {
    if (a.d !== 1n || a.n < 0n) throw new Wrong("Not a whole number");
    if (a.n > 1000n) throw new Wrong("Number too large");
    let product = 1n;
    for (let factor = 2n; factor <= a.n; factor += 1n) product *= factor;
    return fraction(product);
  }

  function decimal(text) {
    const [mantissa, exponent = "0"] = text.toLowerCase().split("e");
    const [whole, part = ""] = mantissa.split(".");
    const shift = Number(exponent) - part.length;
    const n = BigInt(whole + part || "0");
    return shift >= 0 ? fraction(n * 10n ** BigInt(shift)) : fraction(n, 10n ** BigInt(-shift));
  }

  function tokens(text) {
    const found = [];
    const pattern = /\s*(\d+\.?\d*(?:E[+−-]?\d+)?|\.\d+|[-+−×÷*/^!%√π()]|e)/y;
    const clean = text.replaceAll(",", "").trimEnd();
    while (pattern.lastIndex < clean.length) {
      const match = pattern.exec(clean);
      if (!match) throw new Wrong("Format error");
      found.push(match[1]);
    }
    return found;
  }

  // sum := product (("+" | "−") product)*, where a product that is only a percentage is one of what stands before it (200 + 10% = 220).
  function parse(found) {
    let place = 0;
    let bare = false;
    const peek = () => found[place];
    const take = () => found[place++];

    function sum() {
      let value = product();
      while (["+", "−", "-"].includes(peek())) {
        const sign = take() === "+" ? 1n : -1n;
        const before = place;
        const right = product();
        const percent = bare && place - before >= 2 && found[place - 1] === "%";
        value = percent ? add(value, times(value, times(right, fraction(sign)))) : add(value, times(right, fraction(sign)));
      }
      return value;
    }

    function product() {
      let value = signed();
      bare = true;
      for (;;) {
        const sign = peek();
        if (["×", "*"].includes(sign)) {
          take();
          value = times(value, signed());
        } else if (["÷", "/"].includes(sign)) {
          take();
          value = divide(value, signed());
        } else if (sign !== undefined && /^[\d.(√πe]/.test(sign)) {
          if (/^[\d.]/.test(sign) && /^[\d.]/.test(found[place - 1])) throw new Wrong("Format error");
          value = times(value, signed());
        } else return value;
        bare = false;
      }
    }

    function signed() {
      if (["−", "-"].includes(peek())) {
        take();
        return negative(signed());
      }
      if (peek() === "+") {
        take();
        return signed();
      }
      return raised();
    }

    function raised() {
      const base = postfix();
      if (peek() !== "^") return base;
      take();
      return power(base, signed());
    }

    function postfix() {
      let value = atom();
      for (;;) {
        if (peek() === "%") value = times(value, fraction(1n, 100n));
        else if (peek() === "!") value = factorial(value);
        else return value;
        take();
      }
    }

    function atom() {
      const token = take();
      if (token === undefined) throw new Wrong("Format error");
      if (token === "(") {
        const value = sum();
        if (peek() === ")") take();
        else if (peek() !== undefined) throw new Wrong("Format error");
        return value;
      }
      if (token === "√") return root(postfixOfRoot());
      if (token === "π") return PI;
      if (token === "e") return E;
      if (/^[\d.]/.test(token)) return decimal(token.replace("−", "-").replace(/\.(?=E|$)/, ""));
      throw new Wrong("Format error");
    }

    function postfixOfRoot() {
      return ["−", "-"].includes(peek()) ? signed() : atom();
    }

    const value = sum();
    if (place < found.length) throw new Wrong("Format error");
    return value;
  }

  // The number in decimal digits, rounded half up to `digits` significant ones; far from 1 as 1.23E45.
  function show(value, digits = 14) {
    const sign = value.n < 0n ? "−" : "";
    const n = value.n < 0n ? -value.n : value.n;
    if (n === 0n) return "0";
    let exponent = n.toString().length - value.d.toString().length;
    const compare = exponent >= 0 ? n - value.d * 10n ** BigInt(exponent) : n * 10n ** BigInt(-exponent) - value.d;
    if (compare < 0n) exponent -= 1;
    if (value.d === 1n && n.toString().length <= 18) return sign + n.toString();
    const shift = digits - 1 - exponent;
    const scaled = shift >= 0 ? [n * 10n ** BigInt(shift), value.d] : [n, value.d * 10n ** BigInt(-shift)];
    let text = ((scaled[0] * 2n + scaled[1]) / (scaled[1] * 2n)).toString();
    if (text.length > digits) exponent += 1;
    text = text.slice(0, digits).replace(/0+$/, "") || "0";
    if (exponent >= digits || exponent < -6) return `${sign}${text[0]}${text.length > 1 ? "." + text.slice(1) : ""}E${exponent < 0 ? "−" : ""}${Math.abs(exponent)}`;
    if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${text}`;
    const whole = text.padEnd(exponent + 1, "0");
    return sign + (whole.length > exponent + 1 ? `${whole.slice(0, exponent + 1)}.${whole.slice(exponent + 1)}` : whole);
  }

  // {value} with the result as text, or {error} with what to say. An unfinished end ("3 + ") is left out.
  function evaluate(text) {
    try {
      const found = tokens(text);
      while (found.length && /^[-+−×÷*/^√(]$/.test(found.at(-1))) found.pop();
      if (!found.length) return { error: "Format error" };
      return { value: show(parse(found)), single: found.length === 1 };
    } catch (error) {
      if (error instanceof Wrong) return { error: error.message };
      throw error;
    }
  }

  return { evaluate };
})();
