// The records of a `.drift` file, byte for byte. docs/format.md is the specification; the assertions below hold it to its word.
//
// Everything is little-endian. Every record is a multiple of 8 bytes and starts 8-byte aligned, every section starts 64-byte aligned,
// so that a mapped file is used in place on every CPU. Fields named `reserved` are zero; the verifier refuses anything else.
#ifndef DRIFT_FORMAT_H
#define DRIFT_FORMAT_H

#include <stdint.h>

enum {
  DRIFT_VERSION_MAJOR = 1,
  DRIFT_VERSION_MINOR = 0,
  DRIFT_ALIGNMENT = 64,
  DRIFT_HEADER_BYTES = 128,
  DRIFT_BYTE_ORDER = 0x0A0B0C0D,
  /// Marks an absent tensor, constant or string.
  DRIFT_NONE = -1,
  DRIFT_OUTPUT_BLOCK = 16,
  DRIFT_INPUT_BLOCK = 4,
  DRIFT_ACTIVATION_TABLE_ENTRIES = 2048,
  DRIFT_EXP_TABLE_ENTRIES = 2048,
  DRIFT_BUMP_ENTRIES = 8,
  DRIFT_MAX_HISTORY = 4,
  DRIFT_MAX_INPUTS = 4,
  DRIFT_MAX_CONSTANTS = 5,
};

/// Bits of drift_header.required_features.
typedef enum drift_feature {
  /// The file has tensors that are kept from step to step (DRIFT_TENSOR_KEPT).
  DRIFT_FEATURE_KEPT_TENSORS = 1,
  /// The file has state tensors (DRIFT_TENSOR_STATE): its programs send events, or its neurons have membranes.
  DRIFT_FEATURE_SPIKING = 2,
} drift_feature;

/// First 128 bytes of the file.
typedef struct drift_header {
  uint8_t magic[8];            // 89 'D' 'R' 'I' 'F' 'T' 0D 0A: a text-mode copy destroys it visibly
  uint32_t byte_order;         // DRIFT_BYTE_ORDER as a little-endian word
  uint16_t version_major;
  uint16_t version_minor;
  uint64_t file_length;        // of the whole file
  uint64_t required_features;  // a reader refuses bits that it does not know
  uint64_t optional_features;  // a reader ignores bits that it does not know
  uint32_t section_count;      // records of drift_section that follow the header at byte 128
  uint32_t header_checksum;    // CRC-32C of header (this field as zero) and section table
  uint8_t reserved[80];
} drift_header;

typedef enum drift_section_kind {
  DRIFT_SECTION_MODEL = 1,         // one drift_model
  DRIFT_SECTION_PROGRAMS = 2,      // drift_program
  DRIFT_SECTION_TENSORS = 3,       // drift_tensor
  DRIFT_SECTION_OPERATORS = 4,     // drift_operator
  DRIFT_SECTION_CONSTANTS = 5,     // drift_constant
  DRIFT_SECTION_STEPS = 6,         // drift_step
  DRIFT_SECTION_QUANTIZATION = 7,  // drift_quantization, group-major: [group_count][tensor_count]
  DRIFT_SECTION_STEP_TABLE = 8,    // int16, row-major: [step_count * max(spike_steps, 1) * max(class_count, 1)][step_columns]
  DRIFT_SECTION_STRINGS = 9,       // UTF-8, each string ended by a zero byte; the first byte is zero (the empty string)
  DRIFT_SECTION_DATA = 10,         // bytes of all constants, each starting 64-byte aligned
  DRIFT_SECTION_METADATA = 11,     // drift_metadata: key and value strings, for people and for inspect
} drift_section_kind;

/// The section table: sorted by offset, no overlap, gaps are zero and shorter than 64 bytes. Every kind above occurs exactly once.
typedef struct drift_section {
  uint32_t kind;
  uint32_t record_bytes;  // size of one record (1 for STRINGS and DATA, 2 for STEP_TABLE)
  uint64_t count;         // records
  uint64_t offset;        // from the start of the file, multiple of 64
  uint64_t length;        // bytes: record_bytes * count
  uint32_t checksum;      // CRC-32C of the section's bytes
  uint32_t reserved;
} drift_section;

typedef enum drift_model_flags {
  /// The sampler always re-derives the noise from the clipped estimate. Without it that happens when guidance is not 1 and a step clips.
  DRIFT_MODEL_ALWAYS_CLIPPED_EPSILON = 1,
} drift_model_flags;

typedef enum drift_prediction {
  DRIFT_PREDICTION_EPSILON = 0,
  DRIFT_PREDICTION_SAMPLE = 1,
  DRIFT_PREDICTION_V = 2,
  DRIFT_PREDICTION_FLOW = 3,
} drift_prediction;

/// What a session needs to know before it looks at an operator.
typedef struct drift_model {
  uint32_t sample_channels, sample_height, sample_width;
  uint32_t class_count;        // rows a step has in the step table, the null class included; 0: unconditional
  int32_t null_class;          // the class that means "no class", or DRIFT_NONE
  uint32_t step_count;
  uint32_t group_count;        // step groups: rows of the quantization section
  uint32_t step_columns;       // of the step table
  uint32_t prediction;         // drift_prediction
  uint32_t flags;              // drift_model_flags
  uint32_t training_steps;     // magnitudes of timesteps lie below it
  uint32_t sampler;            // index into the names of docs/format.md, for people
  float data_low, data_high;   // what maps to black and white
  float initial_scale;         // sampling starts from this times standard normal noise
  float default_guidance;
  uint64_t arena_bytes;        // exact need with one thread
  uint64_t thread_bytes;       // more for each further thread
  uint64_t arena_lower_bound;  // largest set of live bytes at any operator, persistent tensors included
  uint32_t max_threads;
  int32_t state_tensor;        // float32: x_t between steps, also the denoiser's input
  int32_t output_tensor;       // float32: the denoiser's answer
  int32_t guidance_tensor;     // float32: the answer for the null class, DRIFT_NONE if there is none
  int32_t noise_tensor;        // float32: noise of the step, DRIFT_NONE if no step adds noise
  int32_t history_tensors[DRIFT_MAX_HISTORY];  // float32: what multistep samplers keep, DRIFT_NONE each if unused
  uint32_t history_count;
  int32_t class_tensor;        // float32: the class's last answer, DRIFT_NONE if no step estimates the null class's
  int32_t decoder_program;     // the program that turns the last state into the picture, DRIFT_NONE if the last state is the picture
  uint64_t kept_bytes;         // of one copy of the kept tensors, which begin the arena; a second copy follows if there is a null class
  uint32_t picture_channels, picture_height, picture_width;  // what a session delivers: the sample's without a decoder
  uint16_t spike_steps;        // runs of a program for one answer, for its neurons (FIRE) and its sum of their steps (DECAY); 0 without such
  uint8_t reserved[2];
} drift_model;

typedef enum drift_program_role {
  DRIFT_PROGRAM_DENOISER = 0,  // from the state to an answer of the sample's shape, at the steps that name it
  DRIFT_PROGRAM_DECODER = 1,   // from the state after the last step to the picture, once; reads no row of the step table
} drift_program_role;

/// A list of operators: a denoiser or one of its experts, or the decoder.
typedef struct drift_program {
  uint32_t name;  // offset into STRINGS
  uint32_t first_operator;
  uint32_t operator_count;
  int32_t input_tensor;
  int32_t output_tensor;
  uint32_t role;  // drift_program_role
} drift_program;

typedef enum drift_type {
  DRIFT_TYPE_FLOAT32 = 1,    // dense, channel_stride == channels
  DRIFT_TYPE_INT16 = 2,      // the trunk; zero point 0
  DRIFT_TYPE_INT8 = 3,       // operand of a multiplication; zero point among the tensor's levels
  DRIFT_TYPE_INT8_PAIR = 4,  // 16-bit operand as two int8 planes, value = 256*high + low; the high plane first; zero point 0
  DRIFT_TYPE_INT32 = 5,      // membranes: [ceil(channels/16)][pixels][16]; state tensors alone
  DRIFT_TYPE_EVENTS = 6,     // what SEND has found to have changed: a list for each pixel (docs/format.md)
} drift_type;

typedef enum drift_tensor_flags {
  /// Lives from the first to the last step: state, history, noise. Never shares bytes with another tensor.
  DRIFT_TENSOR_PERSISTENT = 1,
  /// int8 with zero point 0 and levels to either side: query, key or value of an attention.
  DRIFT_TENSOR_SYMMETRIC = 2,
  /// Written by an operator of the first program, and kept for the other programs of later steps. Never shares bytes with another tensor.
  DRIFT_TENSOR_KEPT = 4,
  /// A tracer, membranes, or the sum of DECAY: lives from one run of the program to the next, changed by the operator that has it as an
  /// input. Persistent too. Never shares bytes with another tensor.
  DRIFT_TENSOR_STATE = 8,
} drift_tensor_flags;

/// An activation, [height][width][channel_stride] in the arena.
typedef struct drift_tensor {
  uint32_t name;
  uint32_t type;            // drift_type
  uint32_t flags;           // drift_tensor_flags
  uint32_t height, width, channels;
  uint32_t channel_stride;  // channels rounded up to a multiple of 4, of 16 for int32, except for float32; padding channels hold anything
  /// int8: steps between the least and the greatest value. 1...255: q in [-128, levels - 128]; symmetric: even, 2...254, q in
  /// [-levels/2, levels/2]. Other types: 0.
  uint32_t levels;
  uint64_t arena_offset;    // multiple of 64
  uint64_t byte_length;     // type size * height * width * channel_stride, twice that for a pair; of events, docs/format.md
} drift_tensor;

typedef enum drift_constant_kind {
  /// int8 weights [ceil(outputs/16)][taps][ceil(inputs/4)][16][4], taps row-major (kernel_height * kernel_width). Values in
  /// [-127, 127]; padding outputs and inputs are 0. Taken in this order by every kernel.
  DRIFT_CONSTANT_WEIGHTS = 1,
  /// float32 [outputs]: weight scales, biases, gamma, beta.
  DRIFT_CONSTANT_FLOATS = 2,
  /// int32 [outputs]: sum of each output channel's weights.
  DRIFT_CONSTANT_SUMS = 3,
  /// float32 [2048]: relu(y) - f(y) at y = (i - 1024) / 128.
  DRIFT_CONSTANT_ACTIVATION = 4,
  /// uint8 [2048]: round(255 * exp(-i / 256)).
  DRIFT_CONSTANT_EXP = 5,
  /// float32 [8]: a limit L, coefficients c0 ... c4, two zeros: u * (c0 + c1*u + ... + c4*u^4)^8 with u = min(|y|, L).
  DRIFT_CONSTANT_BUMP = 6,
  /// int8 weights of a depthwise convolution [taps][outputs rounded up to 16], taps row-major. Values in [-127, 127]; padding is 0.
  DRIFT_CONSTANT_DEPTHWISE = 7,
  /// A tensor's values, int16 or int8, once for each of `outputs` rows, in the tensor's own layout with its padding channels.
  /// `taps` is the bytes of a value (1 or 2), `inputs` the values of a row.
  DRIFT_CONSTANT_VALUES = 8,
  /// int32 [outputs]: where each pixel of a gather comes from, counted in values of its inputs; -1: zeros.
  DRIFT_CONSTANT_INDICES = 9,
  /// int16 [outputs][inputs]: codes of a codebook, channels side by side without padding.
  DRIFT_CONSTANT_CODEBOOK = 10,
  /// int8, the weights of a convolution once more, [taps][inputs][outputs rounded up to 16]: what an event adds lies side by side.
  DRIFT_CONSTANT_ROWS = 11,
} drift_constant_kind;

typedef struct drift_constant {
  uint32_t name;
  uint32_t kind;     // drift_constant_kind
  uint32_t outputs;  // or element count
  uint32_t taps;     // 1 unless weights; bytes of a value for VALUES
  uint32_t inputs;   // 1 unless weights of a full convolution; values of a row for VALUES, channels for CODEBOOK
  uint32_t reserved;
  uint64_t offset;   // into DATA, multiple of 64
  uint64_t length;   // bytes
} drift_constant;

typedef enum drift_opcode {
  DRIFT_OP_QUANTIZE = 1,       // float32 or int16 -> int8 or pair
  DRIFT_OP_CONVOLUTION = 2,    // int8 or pair -> int8, int16 or float32 (+ int16 residual, + step bias)
  DRIFT_OP_NORMALIZE = 3,      // normalization of 1 or 2 int16 tensors (concatenated by channel), activation -> int8, pair, int16
  DRIFT_OP_ATTENTION = 4,      // q, k, v int8 -> int8: as many pixels as q, as many channels as v
  DRIFT_OP_ADD = 5,            // int16 + int16 -> int16
  DRIFT_OP_AVERAGE_POOL = 6,   // int16 -> int16, 2x2, stride 2
  DRIFT_OP_UPSAMPLE = 7,       // int16 -> int16, nearest, twice the size
  DRIFT_OP_CONCATENATE = 8,    // two int16 -> int16
  DRIFT_OP_ACTIVATE = 9,       // int16 -> int8, pair or int16 through an activation table (x factors, + offsets of the step)
  DRIFT_OP_DEPTHWISE = 10,     // int8 -> int8 or int16, a convolution of each channel by itself (+ step bias); fields as CONVOLUTION
  DRIFT_OP_MULTIPLY = 11,      // two int16 -> int8, pair or int16: the first times the activation of the second
  DRIFT_OP_LOAD = 12,          // a row of a constant -> int16 or int8
  DRIFT_OP_GATHER = 13,        // 1 or 2 int16 -> int16: each pixel is copied from anywhere in the inputs, or zero
  DRIFT_OP_CODEBOOK = 14,      // int16 -> int16: the nearest code to each pixel
  DRIFT_OP_SEND = 15,          // int8 levels, int8 tracer -> events: what differs is sent, and the tracer follows
  DRIFT_OP_FIRE = 16,          // int16 currents, int32 membranes -> int8: 1 where a membrane reaches the threshold, which sets it to 0
  DRIFT_OP_DECAY = 17,         // float32, float32 sum so far -> float32: what the spiking steps have answered, earlier ones with less weight
} drift_opcode;

typedef enum drift_activation {
  DRIFT_ACTIVATION_NONE = 0,
  DRIFT_ACTIVATION_RELU = 1,
  DRIFT_ACTIVATION_TABLE = 2,  // relu(y) - table(y)
  DRIFT_ACTIVATION_BUMP = 3,   // relu(y) - bump(y)
} drift_activation;

/// `mode` of NORMALIZE: what statistics are taken over.
typedef enum drift_normalization {
  DRIFT_NORMALIZATION_GROUP = 0,  // the pixels of a run of channels
  DRIFT_NORMALIZATION_PIXEL = 1,  // the channels of a pixel
  DRIFT_NORMALIZATION_RMS = 2,    // the channels of a pixel, taking their mean as 0
} drift_normalization;

/// `mode` of LOAD: which row of the constant is taken.
typedef enum drift_load {
  DRIFT_LOAD_FIXED = 0,  // the only one
  DRIFT_LOAD_CLASS = 1,  // the class's
  DRIFT_LOAD_STEP = 2,   // the step's and the class's, as in the step table
} drift_load;

typedef enum drift_upsample {
  DRIFT_UPSAMPLE_NONE = 0,
  DRIFT_UPSAMPLE_NEAREST = 1,  // the input is read as if enlarged twice by nearest neighbour
  DRIFT_UPSAMPLE_PHASES = 2,   // output twice as large as the input: pixel (2y + i, 2x + j) is a 2x2 convolution of its own, with outputs
                               // (2i + j) * channels ... of the constants, whose window begins at (y + i - 1, x + j - 1)
} drift_upsample;

/// One operator. Fields that its opcode does not use are zero (DRIFT_NONE for tensors and constants).
typedef struct drift_operator {
  uint32_t opcode;                             // drift_opcode
  uint32_t name;                               // offset into STRINGS
  int32_t inputs[DRIFT_MAX_INPUTS];            // CONVOLUTION: x, residual, events, membranes. NORMALIZE: a, b. ATTENTION: q, k, v. ADD,
                                               // CONCATENATE, MULTIPLY, GATHER: a, b. SEND: levels, tracer. FIRE: currents, membranes.
                                               // DECAY: answer, sum so far
  int32_t output;
  int32_t constants[DRIFT_MAX_CONSTANTS];      // CONVOLUTION: weights, weight scales, bias, weight sums, rows. NORMALIZE: gamma, beta, table or
                                               // bump. ACTIVATE, MULTIPLY: table or bump (third). ATTENTION: exp table (first). LOAD:
                                               // values (first). GATHER: indices (first). CODEBOOK: codes (first)
  uint32_t kernel_height, kernel_width;        // CONVOLUTION
  uint32_t stride;                             // CONVOLUTION, both directions
  uint32_t pad_top, pad_left;                  // CONVOLUTION; bottom and right follow from the output's size
  uint32_t upsample;                           // drift_upsample: CONVOLUTION
  uint32_t activation;                         // drift_activation: NORMALIZE, ACTIVATE, MULTIPLY
  uint32_t groups;                             // NORMALIZE
  uint32_t heads;                              // ATTENTION
  float epsilon;                               // NORMALIZE
  float gain;                                  // factor of the second summand (CONVOLUTION's residual, ADD's b); ATTENTION: factor of the logits;
                                               // CODEBOOK: scale of the codes; FIRE: threshold; DECAY: factor of the sum so far
  float gain_a;                                // ADD: factor of a
  int32_t step_column;                         // first column of the step table, or DRIFT_NONE. CONVOLUTION: `channels` values added to
                                               // the bias. NORMALIZE: `channels` scales s, then shifts t: y * (1 + s) + t before activation
  float step_scale;                            // value of one unit of the step table here
  uint32_t mode;                               // NORMALIZE: drift_normalization. LOAD: drift_load
  int32_t gate_column;                         // CONVOLUTION, DEPTHWISE, ACTIVATE: first column of the step table of `channels` factors of the result
                                               // before the residual, or DRIFT_NONE
  float gate_scale;                            // value of one unit of the step table as a factor
  uint32_t threshold;                          // SEND: changes of no more levels than this are not sent
  uint64_t scratch_offset;                     // in the arena, multiple of 64; thread i adds i * thread_bytes
  uint64_t scratch_bytes;
} drift_operator;

/// Scale and zero point of a tensor within a step group: real = scale * (q - zero_point). Scale 1 for float32.
typedef struct drift_quantization {
  float scale;
  int32_t zero_point;
} drift_quantization;

typedef enum drift_step_flags {
  DRIFT_STEP_CLIP = 1,      // clamp the clean estimate
} drift_step_flags;

/// Where guidance takes the null class's answer from.
typedef enum drift_null_source {
  DRIFT_NULL_EVALUATED = 0,
  DRIFT_NULL_ESTIMATED = 1,
} drift_null_source;

/// One row of the sampler, in the order in which it visits them (noisiest first):
///   x0 = p*x + q*e, clamped if DRIFT_STEP_CLIP
///   x' = a*x + b*x0 + g*e + sum_k c[k]*h[k] + m*y + d*z
/// then history slot write_slot <- x, x0 or e. With the noise re-derived from the clipped x0: clipped_a, clipped_b for a, b and 0 for g.
typedef struct drift_step {
  float timestep;
  uint32_t group;
  uint32_t program;
  uint32_t flags;               // drift_step_flags
  float p, q;
  float a, b, g;
  float clipped_a, clipped_b;
  float c[DRIFT_MAX_HISTORY];
  float m, d;
  float clip_low, clip_high;
  float guidance;               // 1: as the request says; 0: the request's weight is ignored and one evaluation is made
  int32_t write_slot;           // history slot to write, or DRIFT_NONE
  uint32_t write_source;        // 0: x, 1: x0, 2: e
  uint32_t step_row;            // row of the step table of class 0; class k is at step_row + k
  float output_scale;           // factor of the denoiser's answer, before guidance; 1 for most models
  float estimate[3];            // DRIFT_NULL_ESTIMATED: factors of the null class's last answer, the class's last and the class's now
  uint32_t null_source;         // drift_null_source
} drift_step;

typedef struct drift_metadata {
  uint32_t key, value;  // offsets into STRINGS
} drift_metadata;

_Static_assert(sizeof(drift_header) == DRIFT_HEADER_BYTES, "header");
_Static_assert(sizeof(drift_section) == 40, "section");
_Static_assert(sizeof(drift_model) == 160, "model");
_Static_assert(sizeof(drift_program) == 24, "program");
_Static_assert(sizeof(drift_tensor) == 48, "tensor");
_Static_assert(sizeof(drift_constant) == 40, "constant");
_Static_assert(sizeof(drift_operator) == 136, "operator");
_Static_assert(sizeof(drift_quantization) == 8, "quantization");
_Static_assert(sizeof(drift_step) == 112, "step");
_Static_assert(sizeof(drift_metadata) == 8, "metadata");

#endif
