/** What nnU-Net and a MONAI bundle export beside a network. */

export const plans = {
  dataset_name: "Dataset999_Liver",
  transpose_forward: [1, 0, 2],
  configurations: {
    "2d": {
      patch_size: [64, 64],
      spacing: [1, 1],
      normalization_schemes: ["CTNormalization"],
      use_mask_for_norm: [false],
    },
    "3d_lowres": {
      patch_size: [16, 32, 32],
      spacing: [3, 1.5, 1.5],
      normalization_schemes: ["CTNormalization"],
      use_mask_for_norm: [false],
    },
    "3d_fullres": { inherits_from: "3d_lowres", spacing: [2.5, 0.8, 0.8] },
    "3d_cascade_fullres": { inherits_from: "3d_fullres", previous_stage: "3d_lowres" },
    endless: { inherits_from: "endless" },
  },
  foreground_intensity_properties_per_channel: {
    "0": { mean: 99.5, std: 37.25, percentile_00_5: -17, percentile_99_5: 201, median: 101, min: -800, max: 2000 },
  },
};
export const dataset = {
  channel_names: { "0": "CT" },
  labels: { tumor: 2, background: 0, liver: 1 },
  numTraining: 3,
  file_ending: ".nii.gz",
};

export const metadata = {
  name: "Spleen CT",
  network_data_format: {
    inputs: { image: { type: "image", modality: "CT", num_channels: 1, spatial_shape: [96, 96, 96] } },
    outputs: { pred: { num_channels: 2, channel_def: { "0": "background", "1": "spleen" } } },
  },
};
export const inference = {
  preprocessing: {
    transforms: [
      { _target_: "LoadImaged", keys: "image" },
      { _target_: "Orientationd", keys: "image", axcodes: "RAS" },
      { _target_: "Spacingd", keys: "image", pixdim: [1.5, 1.5, 2] },
      { _target_: "ScaleIntensityRanged", a_min: -57, a_max: 164, b_min: 0, b_max: 1, clip: true },
      { _target_: "CropForegroundd", keys: "image" },
    ],
  },
  inferer: { _target_: "SlidingWindowInferer", roi_size: [32, 32, 16], overlap: 0.25 },
  postprocessing: { transforms: [{ _target_: "Activationsd", softmax: true }] },
};
