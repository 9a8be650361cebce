/** The filters of the page: the option that its slider moves, and how far. */
export const filters = {
  median: { option: "radius", name: "Radius in pixels", min: 0, max: 5, step: 1, value: 1 },
  mean: { option: "radius", name: "Radius in pixels", min: 0, max: 10, step: 1, value: 1 },
  gaussian: { option: "sigmaPx", name: "Sigma in pixels", min: 0, max: 8, step: 0.25, value: 1 },
  bilateral: { option: "strength", name: "Strength in noise levels", min: 0.25, max: 8, step: 0.25, value: 2 },
  anisotropic: { option: "strength", name: "Strength in noise levels", min: 0.25, max: 4, step: 0.25, value: 1.5 },
  gabor: { option: "strength", name: "Strength in noise levels", min: 0.25, max: 12, step: 0.25, value: 1.5 },
  nlm: { option: "strength", name: "Strength in noise levels", min: 0.1, max: 3, step: 0.1, value: 0.8 },
  wavelet: { option: "strength", name: "Strength", min: 0.1, max: 3, step: 0.1, value: 1 },
  wiener: { option: "radius", name: "Radius in pixels", min: 1, max: 10, step: 1, value: 3 },
};
