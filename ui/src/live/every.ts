// Something that is done again and again while it stands in the page.
export const every = (ms: number, act: () => void) => () => {
  const timer = setInterval(act, ms);
  return () => clearInterval(timer);
};
