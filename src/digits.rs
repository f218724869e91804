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

/// The first digits behind the point of a fraction of 2^64.
pub(crate) fn of_fraction<const N: usize>(mut fraction: u64) -> [u8; N] {
    let mut digits = [b'0'; N];
    for digit in &mut digits {
        let (carried, rest) = product(fraction, 10);
        // It has one digit.
        *digit += (carried % 10) as u8;
        fraction = rest;
    }
    digits
}

/// Both halves of a product, the high one first.
#[expect(clippy::cast_possible_truncation, reason = "it is cut in two")]
pub(crate) fn product(one: u64, other: u64) -> (u64, u64) {
    let product = u128::from(one) * u128::from(other);
    ((product >> 64) as u64, product as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_numbers_without_zeros_before_them() {
        for number in [0, 7, 10, 1200, 65_535, u64::MAX] {
            let mut out = b"n".to_vec();
            push(&mut out, number);
            assert_eq!(out, std::format!("n{number}").as_bytes());
        }
    }

    #[test]
    fn writes_the_digits_of_fractions() {
        assert_eq!(&of_fraction::<5>(u64::MAX / 8 + 1), b"12500");
        assert_eq!(&of_fraction::<3>(u64::MAX), b"999");
        assert_eq!(&of_fraction::<2>(0), b"00");
    }
}
