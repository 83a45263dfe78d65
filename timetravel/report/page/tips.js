// Tells of the mark of a chart nearest to the pointer or finger, or of one after the other by the arrow keys.
function startTips() {
  const near = 22; // pixels
  let byKeys = false; // the page that moves to a mark moves under a resting pointer
  const tip = made("div", "tip", document.body);
  tip.setAttribute("role", "status");
  const middle = (mark) => {
    const box = mark.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const hide = () => tip.replaceChildren();
  const show = (mark) => {
    const [x, y] = middle(mark);
    tip.textContent = mark.dataset.tip.replaceAll("; ", "\n");
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(x + 12, document.documentElement.clientWidth - width - 8))}px`;
    tip.style.top = `${y > height + 20 ? y - height - 12 : y + 12}px`;
  };
  for (const chart of document.querySelectorAll(".chart")) {
    const marks = [...chart.querySelectorAll("[data-tip]")];
    let place = -1;
    const point = (event) => {
      if (byKeys && !event.movementX && !event.movementY && event.type === "pointermove") return;
      byKeys = false;
      const away = marks.map(middle).map(([x, y]) => Math.hypot(x - event.clientX, y - event.clientY));
      const least = Math.min(...away);
      place = least < near ? away.indexOf(least) : -1;
      place < 0 ? hide() : show(marks[place]);
    };
    for (const kind of ["pointermove", "pointerdown"]) chart.addEventListener(kind, point);
    chart.addEventListener("pointerleave", () => byKeys || hide());
    chart.addEventListener("blur", hide);
    chart.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (event.key === "Escape") hide();
      if (!step || !marks.length) return;
      event.preventDefault();
      byKeys = true;
      place = place < 0 && step < 0 ? marks.length - 1 : (place + step + marks.length) % marks.length;
      marks[place].scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
      show(marks[place]);
    });
  }
  for (const moved of ["wheel", "touchmove"]) addEventListener(moved, hide, { passive: true });
}
startTips();
