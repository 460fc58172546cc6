// When the page draws: once a frame, whatever arrives meanwhile.

/** Counts of what was done so far, for the tests. */
export const counts = { draws: 0, lines: 0 };

/** A function that has `draw` called in the next frame, once however often it is called. */
export function oncePerFrame(draw, request = (then) => requestAnimationFrame(then)) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    request(() => {
      asked = false;
      ++counts.draws;
      draw();
    });
  };
}
