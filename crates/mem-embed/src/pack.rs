//! Weights of eight bits in the order in which a machine's kernel reads them.

/// How a kernel wants its weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Outputs side by side.
    pub(crate) outputs: usize,
    /// Inputs of one output side by side.
    pub(crate) inputs: usize,
    /// What each weight is flipped by: 0x80 makes a number from 0 of one around 0.
    pub(crate) flip: u8,
}

impl Layout {
    /// Output by output, as in the file.
    pub(crate) const PLAIN: Self = Self { outputs: 1, inputs: 1, flip: 0 };

    /// Puts one output's weights into their places: blocks of outputs, in them groups of inputs, in them output by output.
    pub(crate) fn put(self, row: &[i8], output: usize, packed: &mut [u8]) {
        match self.inputs {
            4 => self.put_groups::<4>(row, output, packed),
            2 => self.put_groups::<2>(row, output, packed),
            _ => self.put_groups::<1>(row, output, packed),
        }
    }

    fn put_groups<const INPUTS: usize>(self, row: &[i8], output: usize, packed: &mut [u8]) {
        let block = output / self.outputs * self.outputs * row.len();
        let within = output % self.outputs;
        let groups = packed[block..].as_chunks_mut::<INPUTS>().0.chunks_exact_mut(self.outputs);
        for (weights, group) in row.as_chunks::<INPUTS>().0.iter().zip(groups) {
            group[within] = weights.map(|weight| weight.cast_unsigned() ^ self.flip);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_lie_where_a_kernel_looks() {
        let layout = Layout { outputs: 2, inputs: 2, flip: 0x80 };
        let mut packed = [0; 16];
        for output in 0..4 {
            let row: Vec<i8> = (0..4).map(|input| output * 10 + input).collect();
            layout.put(&row, output as usize, &mut packed);
        }
        let seen = packed.map(|weight| weight ^ 0x80);
        assert_eq!(seen, [0, 1, 10, 11, 2, 3, 12, 13, 20, 21, 30, 31, 22, 23, 32, 33]);
    }
}
