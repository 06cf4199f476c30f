using KubeOps.Operator.Serialization;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace KubeOps.Operator.Web.Webhooks.Admission;

/// <summary>Reads a request's body with the Kubernetes client's JSON options, whatever options MVC has.</summary>
internal sealed class KubernetesJsonBinding : IModelBinder
{
    /// <inheritdoc />
    public async Task BindModelAsync(ModelBindingContext bindingContext)
    {
        try
        {
            var model = await System.Text.Json.JsonSerializer.DeserializeAsync(
                bindingContext.HttpContext.Request.Body,
                bindingContext.ModelType,
                KubernetesJsonSerializer.SerializerOptions,
                bindingContext.HttpContext.RequestAborted
            );
            bindingContext.Result = model is null ? ModelBindingResult.Failed() : ModelBindingResult.Success(model);
        }
        catch (System.Text.Json.JsonException e)
        {
            bindingContext.ModelState.TryAddModelError(bindingContext.ModelName, e.Message);
            bindingContext.Result = ModelBindingResult.Failed();
        }
    }
}
