// Where each field lies in its record, so that the verifier can name the byte at fault. Swift imports these as constants, which also
// works where it has no key paths (Embedded Swift).
#ifndef DRIFT_OFFSETS_H
#define DRIFT_OFFSETS_H

#include <stddef.h>

#include "drift_format.h"

#define DRIFT_AT(record, field) DRIFT_AT_##record##_##field = offsetof(drift_##record, field)

enum {
  DRIFT_AT(header, magic),
  DRIFT_AT(header, byte_order),
  DRIFT_AT(header, version_major),
  DRIFT_AT(header, version_minor),
  DRIFT_AT(header, file_length),
  DRIFT_AT(header, required_features),
  DRIFT_AT(header, section_count),
  DRIFT_AT(header, header_checksum),
  DRIFT_AT(header, reserved),

  DRIFT_AT(section, kind),
  DRIFT_AT(section, record_bytes),
  DRIFT_AT(section, count),
  DRIFT_AT(section, offset),
  DRIFT_AT(section, length),
  DRIFT_AT(section, checksum),
  DRIFT_AT(section, reserved),

  DRIFT_AT(model, sample_channels),
  DRIFT_AT(model, sample_height),
  DRIFT_AT(model, sample_width),
  DRIFT_AT(model, class_count),
  DRIFT_AT(model, null_class),
  DRIFT_AT(model, step_count),
  DRIFT_AT(model, group_count),
  DRIFT_AT(model, step_columns),
  DRIFT_AT(model, prediction),
  DRIFT_AT(model, flags),
  DRIFT_AT(model, training_steps),
  DRIFT_AT(model, data_low),
  DRIFT_AT(model, data_high),
  DRIFT_AT(model, initial_scale),
  DRIFT_AT(model, default_guidance),
  DRIFT_AT(model, arena_bytes),
  DRIFT_AT(model, thread_bytes),
  DRIFT_AT(model, arena_lower_bound),
  DRIFT_AT(model, max_threads),
  DRIFT_AT(model, state_tensor),
  DRIFT_AT(model, output_tensor),
  DRIFT_AT(model, guidance_tensor),
  DRIFT_AT(model, noise_tensor),
  DRIFT_AT(model, history_tensors),
  DRIFT_AT(model, history_count),
  DRIFT_AT(model, reserved),
  DRIFT_AT(model, kept_bytes),

  DRIFT_AT(program, name),
  DRIFT_AT(program, first_operator),
  DRIFT_AT(program, operator_count),
  DRIFT_AT(program, input_tensor),
  DRIFT_AT(program, output_tensor),
  DRIFT_AT(program, reserved),

  DRIFT_AT(tensor, name),
  DRIFT_AT(tensor, type),
  DRIFT_AT(tensor, flags),
  DRIFT_AT(tensor, height),
  DRIFT_AT(tensor, width),
  DRIFT_AT(tensor, channels),
  DRIFT_AT(tensor, channel_stride),
  DRIFT_AT(tensor, reserved),
  DRIFT_AT(tensor, arena_offset),
  DRIFT_AT(tensor, byte_length),

  DRIFT_AT(constant, name),
  DRIFT_AT(constant, kind),
  DRIFT_AT(constant, outputs),
  DRIFT_AT(constant, taps),
  DRIFT_AT(constant, inputs),
  DRIFT_AT(constant, reserved),
  DRIFT_AT(constant, offset),
  DRIFT_AT(constant, length),

  DRIFT_AT(operator, opcode),
  DRIFT_AT(operator, name),
  DRIFT_AT(operator, inputs),
  DRIFT_AT(operator, output),
  DRIFT_AT(operator, constants),
  DRIFT_AT(operator, kernel_height),
  DRIFT_AT(operator, kernel_width),
  DRIFT_AT(operator, stride),
  DRIFT_AT(operator, pad_top),
  DRIFT_AT(operator, pad_left),
  DRIFT_AT(operator, upsample),
  DRIFT_AT(operator, activation),
  DRIFT_AT(operator, groups),
  DRIFT_AT(operator, heads),
  DRIFT_AT(operator, epsilon),
  DRIFT_AT(operator, gain),
  DRIFT_AT(operator, gain_a),
  DRIFT_AT(operator, step_column),
  DRIFT_AT(operator, step_scale),
  DRIFT_AT(operator, reserved),
  DRIFT_AT(operator, scratch_offset),
  DRIFT_AT(operator, scratch_bytes),

  DRIFT_AT(quantization, scale),
  DRIFT_AT(quantization, zero_point),

  DRIFT_AT(step, timestep),
  DRIFT_AT(step, group),
  DRIFT_AT(step, program),
  DRIFT_AT(step, flags),
  DRIFT_AT(step, p),
  DRIFT_AT(step, c),
  DRIFT_AT(step, m),
  DRIFT_AT(step, d),
  DRIFT_AT(step, clip_low),
  DRIFT_AT(step, clip_high),
  DRIFT_AT(step, guidance),
  DRIFT_AT(step, write_slot),
  DRIFT_AT(step, write_source),
  DRIFT_AT(step, step_row),
  DRIFT_AT(step, output_scale),

  DRIFT_AT(metadata, key),
  DRIFT_AT(metadata, value),
};

#undef DRIFT_AT

#endif
