//! Loops compiled for AVX2 as well, and chosen when the processor has it. Both have the same order
//! of operations, hence the same bits.

/// Whether the processor has AVX2, and the loops compiled for it are to be used.
#[cfg(target_arch = "x86_64")]
pub(crate) fn wide() -> bool {
    #[cfg(test)]
    if plain::chosen() {
        return false;
    }
    std::arch::is_x86_feature_detected!("avx2")
}

macro_rules! for_widest {
    ($(#[$doc:meta])* $vis:vis fn $name:ident $(<$real:ident: $bound:ident>)? ($($arg:ident: $type:ty),* $(,)?) $body:block) => {
        $(#[$doc])*
        #[allow(unsafe_code)]
        $vis fn $name $(<$real: $bound>)? ($($arg: $type),*) {
            #[inline(always)]
            fn body $(<$real: $bound>)? ($($arg: $type),*) $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn wide $(<$real: $bound>)? ($($arg: $type),*) {
                    body $(::<$real>)? ($($arg),*);
                }
                if $crate::simd::wide() {
                    // SAFETY: the processor has AVX2, the one feature `wide` asks for.
                    return unsafe { wide $(::<$real>)? ($($arg),*) };
                }
            }
            body $(::<$real>)? ($($arg),*);
        }
    };
}
pub(crate) use for_widest;

/// The plain way on any processor, to compare with.
#[cfg(test)]
pub(crate) mod plain {
    use std::cell::Cell;

    thread_local!(static CHOSEN: Cell<bool> = const { Cell::new(false) });

    #[cfg(target_arch = "x86_64")]
    pub(super) fn chosen() -> bool {
        CHOSEN.get()
    }

    /// Does something the plain way, on this thread.
    pub(crate) fn plainly<T>(work: impl FnOnce() -> T) -> T {
        CHOSEN.set(true);
        let done = work();
        CHOSEN.set(false);
        done
    }
}
