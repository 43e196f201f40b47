// What a page says of itself: {failures: [...], told: [...]}, both lists of plain sentences.
// Called with {wide}: whether the window is wide enough for the size of letters to count.
({ wide }) => {
  const failures = [];
  const told = [];
  const short = (text) => {
    const line = text.replace(/\s+/g, " ").trim();
    return line.length > 60 ? `${line.slice(0, 60)}…` : line;
  };
  const name = (element) => {
    const id = element.id ? `#${element.id}` : "";
    const kind = element.getAttribute("class");
    return `<${element.tagName.toLowerCase()}${id}${kind ? ` class=${kind}` : ""}>`;
  };
  const described = (element) => `${name(element)} "${short(element.textContent)}"`;
  const all = [...document.body.querySelectorAll("*")];
  const pictures = [...document.querySelectorAll("svg")].filter((s) => !s.parentElement.closest("svg"));

  const active = () => {
    if ("ran" in window) failures.push("something of the data was carried out: window.ran is there");
    for (const element of document.querySelectorAll("script, iframe, object, embed, base, form")) {
      failures.push(`active content: ${name(element)}`);
    }
    for (const element of document.querySelectorAll("*")) {
      for (const { name: key, value } of element.attributes) {
        if (/^on/i.test(key)) failures.push(`active content: ${name(element)} has ${key}`);
        const link = /^(xlink:)?href$/i.test(key);
        if (link && !value.startsWith("#")) {
          failures.push(`a link out of the page: ${name(element)} ${short(value)}`);
        } else if (link && value !== "#" && !document.getElementById(value.slice(1))) {
          failures.push(`a link to nowhere: ${value}`);
        }
      }
    }
    const ids = all.map((e) => e.id).filter((id) => id);
    const twice = new Set(ids.filter((id, i) => ids.indexOf(id) !== i));
    for (const id of twice) failures.push(`an id that occurs twice: ${id}`);
  };

  const scrolls = (element) => {
    for (let e = element.parentElement; e && e !== document.body; e = e.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(e).overflowX)) return true;
    }
    return false;
  };

  const layout = () => {
    const width = document.documentElement.scrollWidth;
    if (width > innerWidth) failures.push(`the page is ${width} px wide in a window of ${innerWidth}`);
    const out = new Set();
    for (const element of all) {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      const beyond = Math.max(box.right - innerWidth, -box.left);
      if (beyond <= 1 || scrolls(element)) continue;
      out.add(element);
      if (out.has(element.parentElement)) continue;
      failures.push(`${Math.round(beyond)} px stick out of the page: ${described(element)}`);
    }
  };

  // Text wider than the box that it stands in, which covers what is beside it or is cut off.
  const boxes = () => {
    for (const element of all) {
      const style = getComputedStyle(element);
      const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
      const holds = own || /^(TD|TH)$/.test(element.tagName);
      if (!holds || element.closest("svg") || style.display === "inline") continue;
      if (["auto", "scroll"].includes(style.overflowX)) continue;
      if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1) {
        const beyond = element.scrollWidth - element.clientWidth;
        failures.push(`text runs ${beyond} px out of its box: ${described(element)}`);
      }
    }
  };

  // Marks that turn the letters after them round, so that they read as something else.
  const directions = () => {
    for (const element of all) {
      const own = [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join("");
      if (/[\u202a-\u202e]/.test(own)) told.push(`letters are turned round: ${described(element)}`);
    }
  };

  const scale = (text) => {
    const m = text.getScreenCTM();
    return m ? Math.sqrt(Math.abs(m.a * m.d - m.b * m.c)) : 0;
  };
  const shown = (text) => {
    const style = getComputedStyle(text);
    const box = text.getBoundingClientRect();
    return style.visibility !== "hidden" && style.display !== "none" && box.width > 0 && text.textContent.trim();
  };

  // The corners of a text as it stands on the page, less the blank of a line above and below its letters.
  const corners = (text) => {
    const { x, y, width, height } = text.getBBox();
    const blank = Math.min(0.2 * parseFloat(getComputedStyle(text).fontSize), height / 4);
    const [top, bottom] = [y + blank, y + height - blank];
    const ends = [[x, top], [x + width, top], [x + width, bottom], [x, bottom]];
    const matrix = text.getScreenCTM();
    return ends.map(([u, v]) => new DOMPoint(u, v).matrixTransform(matrix));
  };

  // By how many px two slanted boxes overlap: the least over the directions of their sides.
  const overlap = (a, b) => {
    let least = Infinity;
    for (const box of [a, b]) {
      for (const i of [0, 1]) {
        const [dx, dy] = [box[i + 1].x - box[i].x, box[i + 1].y - box[i].y];
        const length = Math.hypot(dx, dy);
        const [p, q] = [a, b].map((c) => c.map((point) => (point.x * dx + point.y * dy) / length));
        least = Math.min(least, Math.min(Math.max(...p), Math.max(...q)) - Math.max(Math.min(...p), Math.min(...q)));
      }
    }
    return least;
  };

  // Letters of pictures: large enough, whole, and not on top of each other.
  const letters = (picture) => {
    const texts = [...picture.querySelectorAll("text")].filter(shown);
    const frame = picture.getBoundingClientRect();
    const small = [];
    const placed = texts.map((text) => {
      const words = short(text.textContent);
      const size = parseFloat(getComputedStyle(text).fontSize) * scale(text);
      if (size < 8) small.push([size, words]);
      const box = corners(text);
      const [x, y] = [box.map((point) => point.x), box.map((point) => point.y)];
      const past = Math.max(
        frame.left - Math.min(...x), Math.max(...x) - frame.right,
        frame.top - Math.min(...y), Math.max(...y) - frame.bottom,
      );
      if (past > 3) failures.push(`a picture cuts ${Math.round(past)} px off: "${words}"`);
      return { words, box };
    });
    if (small.length) {
      small.sort((a, b) => a[0] - b[0]);
      const [size, words] = small[0];
      const line = `${small.length} texts of a picture below 8 px, down to ${size.toFixed(1)}: "${words}"`;
      (wide ? failures : told).push(line);
    }
    placed.forEach((a, i) => {
      for (const b of placed.slice(i + 1)) {
        const depth = overlap(a.box, b.box);
        if (depth > 3) told.push(`texts of a picture overlap by ${Math.round(depth)} px: "${a.words}" and "${b.words}"`);
      }
    });
    for (const text of texts) seen(picture, text);
  };

  // Colours as [red, green, blue, opacity], the first three from 0 to 255.
  const colour = (words) => {
    const n = (words.match(/[\d.]+/g) || []).map(Number);
    return /^rgba?\(/.test(words) && n.length >= 3 ? [n[0], n[1], n[2], n[3] ?? 1] : null;
  };
  const over = (top, below, opacity) => {
    const share = top[3] * opacity;
    return [0, 1, 2].map((i) => share * top[i] + (1 - share) * below[i]);
  };
  const luminance = (c) => {
    const part = c.slice(0, 3).map((v) => {
      const s = v / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const opacity = (element, root) => {
    let share = Number(getComputedStyle(element).fillOpacity);
    for (let e = element; e && e !== root; e = e.parentElement) share *= Number(getComputedStyle(e).opacity);
    return share;
  };
  const paper = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const c = colour(getComputedStyle(e).backgroundColor);
      if (c && c[3] > 0) return c;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18, 1] : [255, 255, 255, 1];
  };

  // Contrast of a text with what lies below its middle, by WCAG 2.1.
  const seen = (picture, text) => {
    const box = text.getBoundingClientRect();
    const middle = new DOMPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    let below = paper(picture);
    for (const shape of picture.querySelectorAll("rect, circle, ellipse, path, polygon")) {
      if (!(shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING)) break;
      const matrix = shape.getScreenCTM();
      const fill = colour(getComputedStyle(shape).fill);
      if (!matrix || !fill || shape.closest("defs, clipPath, marker")) continue;
      if (shape.isPointInFill(middle.matrixTransform(matrix.inverse()))) {
        below = over(fill, below, opacity(shape, picture));
      }
    }
    const fill = colour(getComputedStyle(text).fill);
    if (!fill) return;
    const [a, b] = [luminance(over(fill, below, opacity(text, picture))), luminance(below)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const line = `contrast ${contrast.toFixed(1)} of a picture's text: "${short(text.textContent)}"`;
    if (contrast < 3) failures.push(line);
    else if (contrast < 4.5) told.push(line);
  };

  active();
  layout();
  boxes();
  directions();
  pictures.forEach(letters);
  return { failures, told };
}
