//! Numbers out of a tensor of a safetensors file.

use safetensors::tensor::{Dtype, TensorView};

/// The numbers of a tensor of halves, singles, doubles or brain floats, in the order of the file.
pub(crate) fn floats(tensor: &TensorView<'_>) -> Result<Vec<f32>, String> {
    let data = tensor.data();
    match tensor.dtype() {
        Dtype::F32 => Ok(data.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect()),
        Dtype::F64 => Ok(data.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b) as f32).collect()),
        Dtype::F16 => Ok(data.as_chunks().0.iter().map(|b| half(u16::from_le_bytes(*b))).collect()),
        // The upper half of a single.
        Dtype::BF16 => {
            Ok(data.as_chunks().0.iter().map(|b| f32::from_bits(u32::from(u16::from_le_bytes(*b)) << 16)).collect())
        }
        // Models that were made smaller; the scale falls away when the vector is normalised.
        Dtype::I8 => Ok(data.iter().map(|b| f32::from(b.cast_signed())).collect()),
        other => Err(format!("numbers of kind {other:?} are not read")),
    }
}

/// The row numbers of a tensor of integers.
pub(crate) fn rows(tensor: &TensorView<'_>) -> Result<Vec<usize>, String> {
    let data = tensor.data();
    let row = |value: i64| usize::try_from(value).map_err(|_| format!("{value} is no row"));
    match tensor.dtype() {
        Dtype::I64 => data.as_chunks().0.iter().map(|b| row(i64::from_le_bytes(*b))).collect(),
        Dtype::I32 => data.as_chunks().0.iter().map(|b| row(i64::from(i32::from_le_bytes(*b)))).collect(),
        Dtype::U32 => data.as_chunks().0.iter().map(|b| row(i64::from(u32::from_le_bytes(*b)))).collect(),
        other => Err(format!("row numbers of kind {other:?} are not read")),
    }
}

/// A half-precision number (IEEE 754-2019, binary16): sign, five bits of exponent, ten of fraction.
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let fraction = f32::from(bits & 0x03ff);
    match (bits >> 10) & 0x1f {
        0 => sign * fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => sign * f32::INFINITY,
        31 => f32::NAN,
        exponent => sign * (1.0 + fraction / 1024.0) * 2f32.powi(i32::from(exponent) - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::half;

    #[test]
    fn halves_follow_the_standard() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x7bff, 65_504.0),
            (0x0001, 5.960_464_5e-8),
            (0x7c00, f32::INFINITY),
        ] {
            assert_eq!(half(bits), value, "{bits:x}");
        }
        assert!(half(0x7e00).is_nan());
    }
}
