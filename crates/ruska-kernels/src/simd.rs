//! Loops compiled for AVX2 as well, and chosen when the processor has it. Both have the same order
//! of operations, hence the same bits.

macro_rules! for_widest {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $body:block) => {
        $(#[$doc])*
        #[allow(unsafe_code)]
        $vis fn $name($($arg: $type),*) {
            #[inline(always)]
            fn body($($arg: $type),*) $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn wide($($arg: $type),*) {
                    body($($arg),*);
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has AVX2, the one feature `wide` asks for.
                    return unsafe { wide($($arg),*) };
                }
            }
            body($($arg),*);
        }
    };
}
pub(crate) use for_widest;
