enable f16;
alias real = f16;
