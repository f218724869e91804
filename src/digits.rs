//! Numbers in decimal digits, where formatting them would cost more than what stands around them.

use alloc::vec::Vec;

/// A number, without zeros before it.
pub(crate) struct Digits([u8; 20], usize);

impl Digits {
    pub(crate) fn of(mut number: u64) -> Self {
        let mut digits = Self([b'0'; 20], 20);
        loop {
            digits.1 -= 1;
            // The remainder has one digit.
            digits.0[digits.1] += (number % 10) as u8;
            number /= 10;
            if number == 0 {
                return digits;
            }
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.get(self.1..).unwrap_or_default()
    }
}

/// Appends a number.
pub(crate) fn push(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(Digits::of(number).as_bytes());
}

/// The last digits of a number, so many.
pub(crate) fn padded<const N: usize>(mut number: u64) -> [u8; N] {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        // The remainder has one digit.
        *digit += (number % 10) as u8;
        number /= 10;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_numbers_with_and_without_zeros_before_them() {
        for number in [0, 7, 10, 1200, 65_535, u64::MAX] {
            let mut out = b"n".to_vec();
            push(&mut out, number);
            assert_eq!(out, std::format!("n{number}").as_bytes());
        }
        assert_eq!(&padded::<5>(42), b"00042");
        assert_eq!(&padded::<2>(1234), b"34");
    }
}
