import DriftFormat
import Foundation
import Testing

/// docs/format.md and the code say the same.
@Suite struct SpecificationTests {
  private static let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/format.md")

  @Test func everyRuleIsInTheSpecification() throws {
    let text = try String(contentsOf: Self.document, encoding: .utf8)
    for code in DriftErrorCode.allCases where code.rawValue < 900 {
      #expect(text.contains("| \(code.rawValue) | \(code) |"), "\(code)")
    }
  }

  @Test func recordsHaveTheirSpecifiedPlaces() throws {
    let text = try String(contentsOf: Self.document, encoding: .utf8)
    let places: [(Int, String)] = [
      (DRIFT_AT_header_section_count, "u32 | section_count"), (DRIFT_AT_section_checksum, "u32 | checksum"),
      (DRIFT_AT_model_arena_bytes, "u64 | arena_bytes"), (DRIFT_AT_model_history_count, "u32 | history_count"),
      (DRIFT_AT_model_kept_bytes, "u64 | kept_bytes"),
      (DRIFT_AT_program_output_tensor, "i32 | output_tensor"), (DRIFT_AT_tensor_byte_length, "u64 | byte_length"),
      (DRIFT_AT_constant_length, "u64 | length"), (DRIFT_AT_operator_step_scale, "f32 | step_scale"),
      (DRIFT_AT_operator_scratch_bytes, "u64 | scratch_bytes"), (DRIFT_AT_step_output_scale, "f32 | output_scale"),
      (DRIFT_AT_model_class_tensor, "i32 | class_tensor"), (DRIFT_AT_step_estimate, "f32[3] | estimate"),
      (DRIFT_AT_step_null_source, "u32 | null_source"), (DRIFT_AT_quantization_zero_point, "i32 | zero_point"),
      (DRIFT_AT_metadata_value, "u32 | value"), (DRIFT_AT_operator_threshold, "u32 | threshold"),
    ]
    for (offset, field) in places {
      #expect(text.contains("| \(offset) | \(field) |"), "\(field)")
    }
  }
}
