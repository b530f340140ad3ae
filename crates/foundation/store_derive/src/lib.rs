//! `#[derive(FromRow)]`: each field of a struct is read from the column of the same name.

use proc_macro::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, parse_macro_input};

/// Implements `store::FromRow` for a struct with named fields.
#[proc_macro_derive(FromRow)]
pub fn derive_from_row(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let name = &input.ident;
    let Data::Struct(data) = &input.data else {
        return syn::Error::new_spanned(name, "FromRow is for structs").to_compile_error().into();
    };
    let Fields::Named(fields) = &data.fields else {
        return syn::Error::new_spanned(name, "FromRow needs named fields").to_compile_error().into();
    };
    let reads = fields.named.iter().filter_map(|f| f.ident.as_ref()).map(|field| {
        let column = field.to_string();
        quote! { #field: row.get(#column)? }
    });
    quote! {
        impl ::store::FromRow for #name {
            fn from_row(row: &::store::Row) -> ::store::Result<Self> {
                Ok(Self { #(#reads),* })
            }
        }
    }
    .into()
}
